#include "plugins/states/job/job_state.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/states/id.hpp"
#include "plugins/states/job/event_fields.hpp"
#include "plugins/states/job/message.hpp"
#include "plugins/states/job/topic.hpp"
#include "plugins/states/rejection.hpp"
#include "plugins/states/viewer.hpp"

namespace statecast::job {
namespace {

void check_event(const Event& event) {
  if (event.type != "NodeStateUpdated") throw Rejection("nodes are not changed by events of this type");
  if (!is_id(event.subject)) throw Rejection("the subject must be the node's id: " + std::string(kIdRule));
}

void append(const Event& event, std::string_view job, std::string_view message, const Changes& changes) {
  const std::string node = node_topic(event.subject);
  if (job.empty())
    changes.appended(event.subject, {kAllJobs, node}, "", message);
  else
    changes.appended(event.subject, {job_topic(job), kAllJobs, node}, "", message);
}

// Whether the claim of this name is a list that has the id.
bool lists(std::string_view claims, const char* name, std::string_view id) {
  const auto object = nlohmann::json::parse(claims, nullptr, false);
  if (!object.is_object() || !object.contains(name)) return false;
  const auto& list = object.at(name);
  return list.is_array() && std::ranges::any_of(list, [&](const auto& listed) { return listed == id; });
}

Admission shown_to_staff(std::string_view topic, const std::string& others) {
  return Admission::denied(std::string(topic) + " is shown to the roles staff and admin only" + others);
}

}  // namespace

void JobState::apply(const Event& event, const Changes& changes) {
  check_event(event);
  const Json fields = read_fields(event.subject, event.data);
  const auto found = updates_.find(event.subject);
  if (found == updates_.end()) check_room(event.subject);
  const std::uint64_t index = found == updates_.end() ? 1 : found->second + 1;
  const std::string message = message_of(event.subject, fields, event.data, event.time_us, index);
  if (index == 1) bound_.enter(Bound::kRecordBytes + event.subject.size());
  updates_[std::string(event.subject)] = index;
  append(event, job_of(fields), message, changes);
  changes.touched(event.subject);  // the count must be saved
}

void JobState::check_room(std::string_view node) const {
  if (!bound_.full()) return;
  throw Rejection("node " + std::string(node) + " would be one too many: " + std::to_string(settings_.max_nodes) +
                  " nodes are counted, and there may be no more (max_nodes)");
}

Admission JobState::admit(const Client& client, std::string_view name) {
  const auto topic = Topic::parse(name);
  if (!topic) return Admission::unknown("no such topic: there are jobs/<id>, jobs/all and nodes/<id>");
  if (Viewer::of(client.claims()).staff) return Admission::as(kView);
  if (topic->kind == Topic::Kind::all_jobs) return shown_to_staff(name, "");
  const char* claim = topic->kind == Topic::Kind::job ? "jobs" : "nodes";
  if (lists(client.claims(), claim, topic->id)) return Admission::as(kView);
  return shown_to_staff(name, ", and to those whose claim '" + std::string(claim) + "' lists it");
}

void JobState::load(std::string_view /*version*/, std::string_view key, std::string_view bytes) {
  if (!is_id(key)) throw Rejection("what was saved as '" + std::string(key) + "' is no node: its key is no id");
  const auto saved = nlohmann::json::parse(bytes, nullptr, false);
  if (!saved.is_object() || !saved.contains("updates") || !saved["updates"].is_number_unsigned() ||
      saved["updates"] == 0)
    throw Rejection("a node was saved in another form");
  if (!updates_.emplace(key, saved["updates"].get<std::uint64_t>()).second)
    throw Rejection("node " + std::string(key) + " was saved twice");
  bound_.enter(Bound::kRecordBytes + key.size());
}

bool JobState::save(std::string_view key, const Sink& bytes) {
  const auto found = updates_.find(key);
  if (found == updates_.end()) return false;
  bytes.write(R"({"updates":)" + std::to_string(found->second) + "}");
  return true;
}

}  // namespace statecast::job
