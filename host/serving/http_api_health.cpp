#include <algorithm>

#include "host/serving/http_api.hpp"

namespace statecast::host {

// Whatever waits for a lane that has become degraded waits no longer. The shard's context knows already.
void HttpApi::on(const LaneHealth& health) {
  if (!health.degraded) return;
  for (auto it = reads_.begin(); it != reads_.end();) {
    const bool concerned = std::ranges::find(it->second.lanes, health.lane) != it->second.lanes.end();
    if (concerned) it->second.connection->respond(busy(degraded_text(context_.degraded.state_id(health.lane)), kRetryDegraded));
    it = concerned ? reads_.erase(it) : std::next(it);
  }
  for (auto it = publishes_.begin(); it != publishes_.end();) {
    const bool decided = stop_asking(it->second, health.lane);
    if (decided) finish(it->second);
    it = decided ? publishes_.erase(it) : std::next(it);
  }
}

// Whether that was the last lane asked.
bool HttpApi::stop_asking(Publish& publish, std::uint16_t lane) {
  const auto question = std::ranges::find(publish.questions, lane, &Question::lane);
  if (question == publish.questions.end()) return false;
  note_unknown(publish, *question);
  publish.questions.erase(question);
  return publish.questions.empty();
}

// The events are stored, and what the state makes of them will show once it has recovered.
void HttpApi::note_unknown(Publish& publish, const Question& question) {
  for (const auto index : question.indices)
    publish.verdicts.push_back({index, context_.degraded.state_id(question.lane), "unknown", "the state is degraded: it gets the event once it has recovered"});
  publish.undecided = true;
}

}  // namespace statecast::host
