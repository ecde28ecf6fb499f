// Lets the oldest events of a log go, by age and by size, a few at a time beside the appends.
//
// An event's age counts from when it was stored: its own time is whatever its publisher says. About once a minute a row
// of `marks` notes that all events below a number were stored before a time, by a clock that never goes back
// (age_clock.hpp).
//
// What not every state has saved yet stays, but not for ever: beyond twice the age or twice the size it goes too, and
// that is told. The newest event always stays, so that no number is given twice.
//
// Owned by the source; used by append.
#pragma once

#include <statecast/types.hpp>
#include <string>

#include "plugins/sources/log/age_clock.hpp"
#include "plugins/sources/log/extent.hpp"
#include "plugins/sources/log/names.hpp"
#include "plugins/sources/log/settings.hpp"

namespace statecast::log {

class Retention {
 public:
  Retention(const Host& host, std::string path, const Keep& keep, Database& db, Names& names, Extent& extent);

  // Every state has saved what it needs up to this event.
  void acknowledge(std::uint64_t seq) { saved_ = seq; }

  // After an append of so many events and bytes. Most times there is nothing to do, and it returns false: each step costs
  // a sync of the disk.
  bool on_append(std::size_t events, std::size_t bytes);
  void on_idle() { step(kIdleEvents); }

 private:
  static constexpr std::uint64_t kEventsAStep = 1024, kBytesAStep = 4 << 20;  // appended, until the next step
  static constexpr std::uint64_t kIdleEvents = 512;
  static constexpr std::uint64_t kBytesAtOnce = 8 << 20;  // taken away, about

  // Numbers of the oldest event that stays: by the bounds alone; and though it is not saved.
  struct Bounds {
    std::uint64_t wanted, forced;
  };

  void step(std::uint64_t most);
  void measure();
  Bounds bounds();
  std::uint64_t stored_before(std::int64_t age_us);
  std::uint64_t beyond(std::uint64_t bytes) const;
  std::uint64_t average() const;
  bool is_mark_due() const;
  void mark();
  void take_away(std::uint64_t oldest);
  void tell_unsaved();
  void on_fault(const SqlError& error);
  void show(std::uint32_t gauge, double& shown, double value);

  const Host host_;
  const std::string path_;
  const Keep keep_;
  const std::int64_t mark_every_us_;
  Database& db_;
  Names& names_;
  Extent& extent_;
  AgeClock clock_;
  Statement delete_, mark_, forget_marks_, marked_, pages_;
  const std::uint64_t page_bytes_;
  const std::uint32_t deleted_, used_gauge_, held_gauge_;

  std::uint64_t saved_ = 0;
  std::uint64_t used_ = 0;                            // bytes of the file that hold something
  std::uint64_t appended_ = 0, appended_bytes_ = 0;   // since the last step
  std::int64_t stepped_ns_ = 0;                       // the last step, by the monotonic clock
  std::int64_t now_us_ = 0;                           // then, by clock_, as the other times
  std::uint64_t marked_seq_ = 0;                      // of the newest mark
  std::int64_t marked_us_ = 0;
  std::uint64_t unsaved_ = 0;                         // taken away, and not told yet
  std::int64_t told_ns_ = 0, fault_told_ns_ = 0;      // 0 = never
  double used_shown_ = 0, held_shown_ = 0;
};

}  // namespace statecast::log
