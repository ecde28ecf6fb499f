// The time by which events age, in microseconds: what certainly passed, so that no step of the wall clock makes an
// event old. It never goes back.
//
// As long as the machine runs its monotonic clock says what passed, between two runs of the host too. Over a boot only
// the wall clock knows: what it says counts if it went forward, and by no more than a tenth of the age that is kept.
// Else nothing counts: events stay longer.
//
// Owned by Retention; used by append.
#pragma once

#include <statecast/types.hpp>
#include <string>

#include "plugins/sources/log/sqlite.hpp"

namespace statecast::log {

class AgeClock {
 public:
  AgeClock(const Host& host, std::string path, Database& db, std::int64_t age_us);

  // The time now. A step of the wall clock since the last look is told.
  std::int64_t look();

  // In a transaction: notes in the log what the last look saw. Due now and then also while nothing is stored, so that
  // little time is left over a boot for which the wall clock must be believed.
  void save();
  bool is_save_due() const;

 private:
  // What the clocks said at one moment.
  struct Look {
    std::int64_t aged_us, wall_us, mono_ns;
  };

  void load();
  void begin();
  void go_on_after_a_boot();
  void tell(std::int64_t wall_us, const std::string& why);

  const Host host_;
  const std::string path_;
  const std::int64_t most_over_a_boot_us_;
  const std::string boot_;  // as the system names it
  Database& db_;
  Statement save_;
  Look last_{};
  std::int64_t saved_us_ = 0;
};

}  // namespace statecast::log
