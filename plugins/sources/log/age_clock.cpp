#include "plugins/sources/log/age_clock.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <statecast/rfc3339.hpp>
#include <utility>

namespace statecast::log {

namespace {

constexpr std::int64_t kSecondUs = 1'000'000, kMinuteUs = 60 * kSecondUs, kHourUs = 60 * kMinuteUs;
// A clock that is drawn to the right time is off from the monotonic one by less, between two looks.
constexpr std::int64_t kStepUs = kMinuteUs;

// Empty where the system does not say; then every start counts as one after a boot.
std::string boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id;
}

}  // namespace

AgeClock::AgeClock(const Host& host, std::string path, Database& db, std::int64_t age_us)
    : host_(host),
      path_(std::move(path)),
      most_over_a_boot_us_(age_us == 0 ? kHourUs : age_us / 10),
      boot_(boot_id()),
      db_(db),
      save_(db, "INSERT OR REPLACE INTO clock (one, aged_us, wall_us, mono_ns, boot) VALUES (1, ?, ?, ?, ?)") {
  load();
}

void AgeClock::load() {
  Statement select(db_, "SELECT aged_us, wall_us, mono_ns, boot FROM clock");
  Rows rows = select.run();
  if (!rows.next()) return begin();
  last_ = {rows.integer(0), rows.integer(1), rows.integer(2)};
  // A monotonic clock that is behind is another one, whatever the system says.
  if (boot_.empty() || rows.text(3) != boot_ || host_.mono_ns() < last_.mono_ns) go_on_after_a_boot();
}

// Any time would do; this one means something to who looks into the file.
void AgeClock::begin() {
  const std::int64_t wall_us = host_.now_us();
  last_ = {wall_us, wall_us, host_.mono_ns()};
}

void AgeClock::go_on_after_a_boot() {
  const std::int64_t wall_us = host_.now_us(), passed_us = wall_us - last_.wall_us;
  const bool believed = passed_us >= 0 && passed_us <= most_over_a_boot_us_;
  if (!believed)
    tell(wall_us,
         "the machine was started anew in between, and nobody can say how much time passed: events age by none of it, "
         "and may be kept longer");
  last_ = {last_.aged_us + (believed ? passed_us : 0), wall_us, host_.mono_ns()};
}

std::int64_t AgeClock::look() {
  const std::int64_t wall_us = host_.now_us(), mono_ns = host_.mono_ns();
  const std::int64_t passed_us = std::max<std::int64_t>((mono_ns - last_.mono_ns) / 1000, 0);
  if (std::abs(wall_us - last_.wall_us - passed_us) > kStepUs)
    tell(wall_us, std::to_string(passed_us / kSecondUs) + " s passed in between, and events age by that");
  // What is less than a microsecond counts next time.
  last_ = {last_.aged_us + passed_us, wall_us, last_.mono_ns + passed_us * 1000};
  return last_.aged_us;
}

void AgeClock::save() {
  save_.run(last_.aged_us, last_.wall_us, last_.mono_ns, boot_).next();
  saved_us_ = last_.aged_us;
}

bool AgeClock::is_save_due() const {
  return last_.aged_us - saved_us_ >= std::max(most_over_a_boot_us_ / 4, kMinuteUs);
}

void AgeClock::tell(std::int64_t wall_us, const std::string& why) {
  host_.warning(path_ + ": the clock of this machine says " + format_rfc3339(wall_us) + ", and said " +
                format_rfc3339(last_.wall_us) + " before: " + why);
}

}  // namespace statecast::log
