// Reads a source page by page for who asks from outside the lanes. Each page goes through a reader of its own, on a thread
// that ends with it, so that a slow source holds up nobody but the one who asks; so many pages are read at once and no more.
//
// Owned by StreamService. read() and stop() may be called from any thread.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/streaming/instances.hpp"

namespace statecast::host {

class SourcePages {
 public:
  static constexpr std::size_t kAtOnce = 4;
  static constexpr std::size_t kPageBytes = 1024 * 1024;  // a page ends with the event that reaches it
  static constexpr std::size_t kEventsAPoll = 32;         // so much may be beyond kPageBytes

  struct Wanted {
    SourceInstance* source = nullptr;
    std::vector<Position> after;  // for each partition; all zero = from the oldest event
    std::vector<Position> until;  // for each partition the last event that is wanted; empty = no end
    std::size_t events = 1000;
    std::chrono::milliseconds wait{0};  // for the first event
  };
  struct Page {
    sc_status status = SC_OK;  // OK also when there was no event; GONE = what follows `after` was trimmed
    std::string why;
    std::string lines;         // a CloudEvent each (cloud_event_line), each with its line end
    std::size_t events = 0;
    std::vector<Position> at;  // for each partition, the last event of this page or of those before
  };
  using Take = std::function<void(Page)>;  // called on the page's thread, before it ends

  explicit SourcePages(const Clock& clock) : clock_(clock) {}
  ~SourcePages() { stop(std::chrono::steady_clock::time_point::max()); }

  // Begins to read a page; false when kAtOnce are being read, or after stop().
  bool read(Wanted wanted, Take take);
  // Ends the pages under way with what they have. False when a source does not return from a call by then.
  bool stop(std::chrono::steady_clock::time_point deadline);

  // The positions of a source's oldest and newest event in each partition; zero where there is none. [any]
  static std::vector<Position> oldest(const SourceInstance& source) { return edge(source, false); }
  static std::vector<Position> newest(const SourceInstance& source) { return edge(source, true); }
  // Whether everything up to `until` has been passed at `at`; never when `until` is empty.
  static bool reached(const std::vector<Position>& at, const std::vector<Position>& until);

 private:
  struct Slot {
    bool busy = false;
    SourceReader* reader = nullptr;  // while its page is read
    std::thread thread;
  };

  static std::vector<Position> edge(const SourceInstance& source, bool newest);
  void run(Slot& slot, const Wanted& wanted, const Take& take);
  Page read_page(SourceReader& reader, const Wanted& wanted);
  sc_status poll(SourceReader& reader, const Wanted& wanted, Page& page, std::chrono::milliseconds wait);
  bool stopping();

  const Clock& clock_;
  std::mutex mutex_;  // taken at the beginning and the end of a page, not in between
  std::condition_variable idle_;
  bool stopping_ = false;               // under mutex_
  std::array<Slot, kAtOnce> slots_;     // under mutex_
};

}  // namespace statecast::host
