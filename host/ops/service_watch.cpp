#include "host/ops/service_watch.hpp"

#include <algorithm>
#include <utility>

#include "host/ops/log.hpp"

namespace statecast::host {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds kTick = 250ms;
constexpr nanoseconds kUnwatchedTooLong = 5s;    // as /healthz
constexpr nanoseconds kStatusEvery = 1s;
constexpr nanoseconds kAskEvery = 10s, kAskFor = 60s;
constexpr nanoseconds kEndMargin = 5s;           // from the end of the drain to that of the process

// `last_ns` is 0 when it was never done.
bool due(std::int64_t now_ns, std::int64_t last_ns, nanoseconds every) {
  return last_ns == 0 || nanoseconds(now_ns - last_ns) >= every;
}

std::string microseconds(nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

// A line break would begin another assignment.
std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

std::string ready_status(std::int64_t clients) {
  return "ready: " + std::to_string(clients) + (clients == 1 ? " client" : " clients");
}

std::string joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return one_line(text);
}

std::string silence_of(const std::string& thread, nanoseconds silent) {
  return thread + " has not come round for " +
         std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(silent).count()) + " ms";
}

}  // namespace

// A thread may be silent for half of the manager's patience, and the last ping before main stops feeding is then at most
// so old: the manager acts within one and a half.
ServiceWatch::ServiceWatch(ServiceManager& manager)
    : manager_(manager),
      patience_(manager.patience()),
      too_long_(patience_ == 0ns ? kUnwatchedTooLong : patience_ / 2),
      period_(patience_ == 0ns ? kTick : std::clamp<nanoseconds>(patience_ / 8, 1ms, kTick)) {}

void ServiceWatch::on_tick(const Vitals& vitals) {
  look_at_threads(vitals);
  auto reasons = vitals.not_ready;
  for (const std::string& thread : stuck_) reasons.push_back(thread + " does not come round");
  if (stuck_.empty()) feed(vitals.now_ns);
  if (stuck_.empty() && !ready_said_ && !reasons.empty()) ask_for_time(vitals.now_ns);
  if (reasons.empty() && !ready_said_) return say_ready(vitals);
  const std::string why_not = (ready_said_ ? "not ready: " : "starting: ") + joined(reasons);
  tell_status(reasons.empty() ? ready_status(vitals.clients) : why_not, vitals.now_ns);
}

// Each thread is logged once when it stops coming round, and once when it does again.
void ServiceWatch::look_at_threads(const Vitals& vitals) {
  const auto were_stuck = std::exchange(stuck_, {});
  for (const auto& [name, alive_ns] : vitals.threads) {
    const nanoseconds silent(vitals.now_ns - alive_ns);
    const bool was_stuck = std::ranges::find(were_stuck, name) != were_stuck.end();
    if (silent > too_long_) stuck_.push_back(name);
    if (silent > too_long_ && !was_stuck)
      log::error("main", silence_of(name, silent) + (patience_ == 0ns ? "" : ": the watchdog is not fed until it does"));
    if (silent <= too_long_ && was_stuck) log::warning("main", name + " comes round again");
  }
}

void ServiceWatch::feed(std::int64_t now_ns) {
  if (patience_ == 0ns || !due(now_ns, fed_ns_, patience_ / 2 - period_)) return;
  fed_ns_ = now_ns;
  manager_.send("WATCHDOG=1");
}

// A long replay is no failed start, so the time for it is asked for as long as the host itself is alive.
void ServiceWatch::ask_for_time(std::int64_t now_ns) {
  if (!due(now_ns, asked_ns_, kAskEvery)) return;
  asked_ns_ = now_ns;
  manager_.send("EXTEND_TIMEOUT_USEC=" + microseconds(kAskFor));
}

void ServiceWatch::say_ready(const Vitals& vitals) {
  ready_said_ = true;
  status_ = ready_status(vitals.clients);
  status_ns_ = vitals.now_ns;
  manager_.send("READY=1\nSTATUS=" + status_);
}

void ServiceWatch::tell_status(std::string status, std::int64_t now_ns) {
  if (status == status_ || !due(now_ns, status_ns_, kStatusEvery)) return;
  status_ = std::move(status);
  status_ns_ = now_ns;
  manager_.send("STATUS=" + status_);
}

void ServiceWatch::on_stop(std::chrono::milliseconds longest) {
  manager_.send("STOPPING=1\nSTATUS=stopping: clients are told to come back\nEXTEND_TIMEOUT_USEC=" +
                microseconds(longest + kEndMargin));
}

}  // namespace statecast::host
