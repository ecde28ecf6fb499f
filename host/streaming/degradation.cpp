#include "host/streaming/degradation.hpp"

#include "host/streaming/lane.hpp"
#include "plugin-api/include/statecast/rfc3339.hpp"

namespace statecast::host {

namespace {

Degradation hang(const LaneLook& look) {
  const bool calls = look.under_way != nullptr;
  return {look.busy_since_ns, true, calls ? "it has not returned from " + std::string(look.under_way) : "its turn does not come to an end",
          "it does not answer now: what has changed meanwhile comes when it does again"};
}

Degradation failing(const BreakerStatus& breaker) {
  const std::string tries = breaker.state == BreakerState::kHalfOpen ? "it is tried again after " : "";
  return {breaker.since_ns, false, tries + std::to_string(breaker.failures) + " failures in a row, the last: " + breaker.reason,
          "it has failed again and again: its values stay as they are until it has recovered"};
}

}  // namespace

LaneLook look_at(const Lane& lane) { return {lane.busy_since_ns(), lane.state().guard().under_way(), lane.breaker().status()}; }

std::optional<Degradation> degradation_of(const LaneLook& look, std::uint64_t hang_after_ms, std::int64_t now_ns) {
  const auto hang_after_ns = static_cast<std::int64_t>(hang_after_ms) * 1'000'000;
  if (look.busy_since_ns != 0 && now_ns - look.busy_since_ns >= hang_after_ns) return hang(look);
  if (look.breaker) return failing(*look.breaker);
  return std::nullopt;
}

std::string lane_title(const StateSettings& settings, const Plugin& plugin, std::uint32_t partition) {
  const std::string of = settings.partitions == 1 ? "" : ", partition " + std::to_string(partition + 1) + " of " + std::to_string(settings.partitions);
  return "state '" + settings.id + "'" + of + " (plugin " + plugin.id + " " + plugin.version + ")";
}

std::string sentence_of(const Degradation& degradation, const std::string& title, std::int64_t now_ns, std::int64_t now_us) {
  return title + " is degraded since " + since_text(degradation, now_ns, now_us) + ": " + degradation.reason;
}

std::string since_text(const Degradation& degradation, std::int64_t now_ns, std::int64_t now_us) {
  // Without the milliseconds, which would differ from one look to the next as the two clocks are read.
  std::string text = format_rfc3339(now_us - (now_ns - degradation.since_ns) / 1000);
  return text.replace(text.find('.'), std::string::npos, "Z");
}

}  // namespace statecast::host
