// One replay of a recording, at its pace: in the order of the file, each event when as much time has passed since the
// first that is yielded as its own time says.
#pragma once

#include <optional>
#include <statecast/source.hpp>
#include <statecast/waiter.hpp>

#include "plugins/sources/file/progress.hpp"
#include "plugins/sources/file/recorded_event.hpp"
#include "plugins/sources/file/settings.hpp"

namespace statecast::file {

// A reader: owned by the host, called by one thread at a time.
class Replay final : public Reader {
 public:
  // `first`: the number of the first event to yield; what comes before was yielded by an earlier replay.
  Replay(const Host& host, const Settings& settings, std::uint64_t first, const Metrics& metrics, Waiters& waiters);

  bool poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) override;
  void interrupt() override { waiter_.interrupt(); }

 private:
  bool await_next(std::int64_t deadline_ns);
  void announce_wait(std::int64_t due_ns);
  void read_line();
  void accept(std::string_view line);
  void on_bad_line(const std::string& why);
  bool next_is_due();
  std::int64_t due_ns() const;
  void yield(const Batch& batch);

  const Host host_;
  const double pace_;
  const std::uint64_t first_;
  Waiter waiter_;
  LineReader lines_;
  Progress progress_;
  std::optional<RecordedEvent> next_;  // the next event, once its line was read
  bool ended_ = false;
  std::uint64_t number_ = 0;  // of the last event that was read
  std::uint64_t announced_line_ = 0;

  // When the first event to yield was read, and its own time.
  std::int64_t first_ns_ = 0, first_us_ = 0;
};

}  // namespace statecast::file
