#include "host/streaming/trusted_clock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "host/ops/log.hpp"
#include "plugin-api/include/statecast/rfc3339.hpp"

namespace statecast::host {

namespace {

using nlohmann::json;

constexpr const char* kOf = "statecast clock";
constexpr int kForm = 1;
constexpr std::int64_t kKeepEveryUs = 60'000'000;

std::string jump_text(std::int64_t from_us, std::int64_t to_us) {
  const std::int64_t seconds = std::abs(to_us - from_us) / 1'000'000;
  return format_rfc3339(from_us) + " to " + format_rfc3339(to_us) + ", " + std::to_string(seconds) + " s " +
         (to_us > from_us ? "forward" : "back");
}

constexpr const char* kWhatFollows =
    ": nothing is evicted for that, and times go on as before until the new one has stood for 5 minutes; see whether the clock is right";

// Whole on the disk, or not there.
bool write_whole(const std::string& file, const std::string& text) {
  const std::string fresh = file + ".new";
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) return false;
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
  const bool closed = ::close(descriptor) == 0;
  return written && closed && ::rename(fresh.c_str(), file.c_str()) == 0;
}

}  // namespace

TrustedClock::TrustedClock(std::string file, const Clock& machine)
    : file_(std::move(file)), machine_(machine), began_ns_(machine.running_ns()) {
  const bool known = load();
  const std::int64_t machine_offset_us = machine_.now_us() - running_us();
  if (!known) {
    offset_us_ = machine_offset_us;
    periods_.assign(1, {0, machine_offset_us});
  }
  begin(machine_offset_us);
}

// The time while the host was down cannot be told from a clock that was put forward, so it is followed at once. A clock that
// says less than it did is wrong, or was.
void TrustedClock::begin(std::int64_t machine_offset_us) {
  const std::int64_t running = running_us();
  machine_offset_us_ = machine_offset_us;
  if (machine_offset_us < offset_us_ - kStepUs) {
    jumped_us_ = running;
    log::warning("main", "the wall clock was put back while the host was down, or is wrong: from " +
                             jump_text(running + offset_us_, running + machine_offset_us) + kWhatFollows);
  } else {
    if (machine_offset_us > offset_us_ + kStepUs)
      log::info("main", "the host last ran at " + format_rfc3339(running + offset_us_) + "; by the wall clock it is " +
                            format_rfc3339(running + machine_offset_us) + " now");
    offset_us_ = machine_offset_us;
  }
  note(running, std::min<std::int64_t>(machine_offset_us, offset_us_));
}

void TrustedClock::look() const {
  const std::lock_guard lock(mutex_);
  look_locked(running_us());
}

void TrustedClock::look_locked(std::int64_t running) const {
  const std::int64_t machine = machine_.now_us() - running;
  if (std::abs(machine - machine_offset_us_) > kStepUs) {
    jumped_us_ = running;
    log::warning("main", "the wall clock jumped from " + jump_text(running + machine_offset_us_, running + machine) + kWhatFollows);
  }
  machine_offset_us_ = machine;
  const bool apart = std::abs(machine - offset_us_) > kStepUs;
  if (apart && running - jumped_us_ >= kStandsUs)
    log::warning("main", "the wall clock's time has stood for 5 minutes and is followed: from " + jump_text(running + offset_us_, running + machine));
  if (!apart || running - jumped_us_ >= kStandsUs) offset_us_ = machine;
  note(running, std::min<std::int64_t>(machine, offset_us_));
}

void TrustedClock::note(std::int64_t running, std::int64_t least) const {
  if (std::abs(least - periods_.back().offset_us) <= kStepUs) return;
  periods_.push_back({running, least});
  changed_ = true;
  if (periods_.size() <= kPeriods) return;
  periods_[1] = {periods_[0].begin_us, std::min(periods_[0].offset_us, periods_[1].offset_us)};
  periods_.pop_front();
}

std::int64_t TrustedClock::aged_us(std::int64_t age_us) const {
  const std::lock_guard lock(mutex_);
  const std::int64_t running = running_us(), from = running - age_us;
  look_locked(running);
  std::int64_t least = INT64_MAX;
  for (auto period = periods_.rbegin(); period != periods_.rend(); ++period) {
    const bool first = period->begin_us <= from || std::next(period) == periods_.rend();
    least = std::min(least, (first ? from : period->begin_us - 1) + period->offset_us);
    if (first) break;
  }
  return least;
}

// ---- over restarts

bool TrustedClock::load() {
  std::ifstream in(file_);
  if (file_.empty() || !in) return false;
  std::stringstream text;
  text << in.rdbuf();
  const json kept = json::parse(text.str(), nullptr, false);
  try {
    if (kept.at("of") != kOf || kept.at("form") != kForm) throw std::out_of_range("form");
    std::deque<Period> periods;
    for (const json& period : kept.at("periods")) periods.push_back({period.at(0).get<std::int64_t>(), period.at(1).get<std::int64_t>()});
    const auto running = kept.at("running_us").get<std::int64_t>();
    const auto offset = kept.at("offset_us").get<std::int64_t>();
    const auto sane = [](std::int64_t us) { return us > -INT64_MAX / 4 && us < INT64_MAX / 4; };  // no sum of them overflows
    const bool whole = sane(running) && sane(offset) && std::ranges::all_of(periods, sane, &Period::offset_us) && !periods.empty() && periods.size() <= kPeriods && std::ranges::is_sorted(periods, {}, &Period::begin_us) &&
                       periods.front().begin_us >= 0 && periods.back().begin_us <= running;
    if (!whole) throw std::out_of_range("periods");
    before_us_ = kept_us_ = running;
    offset_us_ = offset;
    periods_ = std::move(periods);
    return true;
  } catch (const std::exception&) {
    log::warning("main", file_ + " is not what a host wrote there: when the host ran before is not known, and ages count by the clock as it is now");
    return false;
  }
}

void TrustedClock::keep(bool now) {
  if (file_.empty()) return;
  json kept{{"of", kOf}, {"form", kForm}};
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t running = running_us();
    if (!now && !changed_ && running - kept_us_ < kKeepEveryUs) return;
    look_locked(running);
    kept_us_ = running;
    changed_ = false;
    kept["running_us"] = running;
    kept["offset_us"] = offset_us_.load();
    for (const Period& period : periods_) kept["periods"].push_back({period.begin_us, period.offset_us});
  }
  const bool written = write_whole(file_, kept.dump() + "\n");
  if (!written && !failing_) log::warning("main", file_ + " cannot be written: after a restart ages may count a jump of the clock");
  failing_ = !written;
}

}  // namespace statecast::host
