#include <algorithm>

#include "host/serving/streams.hpp"

namespace statecast::host {

// The shard's context knows already.
void Streams::on(const LaneHealth& health) {
  health_frames_.clear();
  for (std::uint32_t slot = 0; slot < sessions_.size(); ++slot) tell_health(slot);
  if (health.degraded) end_admissions(health.lane);
}

// Whatever the session does not know yet of the states that it listens to.
void Streams::tell_health(std::uint32_t slot) {
  Session& session = sessions_[slot];
  if (session.stage != Session::Stage::kOpen) return;
  std::vector<std::uint16_t> told;
  if (session.details) told = std::move(session.details->told_degraded);
  const auto all_news = context_.degraded.news_for(session.legs(), told);
  if (session.details || !told.empty()) details_of(session).told_degraded = std::move(told);
  for (const auto& news : all_news)
    if (auto frame = health_frame(session, news)) push(slot, std::move(frame));
}

// One for all sessions of an encoding, until something changes.
Ref<Frame> Streams::health_frame(const Session& session, const DegradedLanes::News& news) {
  const auto found = std::ranges::find_if(health_frames_, [&](const HealthFrame& made) {
    return made.encoding == session.encoding && made.state == news.state && made.degraded == news.degraded;
  });
  if (found != health_frames_.end()) return found->frame;
  auto frame = encode(session, SC_MESSAGE_CONTROL, context_.degraded.message(news), {});
  return health_frames_.emplace_back(HealthFrame{session.encoding, news.state, news.degraded, std::move(frame)}).frame;
}

// Nobody waits for a verdict that will not come soon.
void Streams::end_admissions(std::uint16_t lane) {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, admission] : admissions_)
    if (std::ranges::find(admission.waiting, lane) != admission.waiting.end()) numbers.push_back(number);
  for (const auto number : numbers) {
    Admission admission = std::move(admissions_.extract(number).mapped());
    admission.status = SC_TIMEOUT;
    admission.reason = degraded_text(context_.degraded.state_id(lane));
    admission.retry_after_s = kRetryDegraded;
    finish(std::move(admission));
  }
}

}  // namespace statecast::host
