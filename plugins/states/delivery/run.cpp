#include "plugins/states/delivery/run.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <statecast/written_json.hpp>

#include "plugins/states/rejection.hpp"
#include "plugins/states/written_merge.hpp"

namespace statecast::delivery {
namespace {

constexpr int kRunForm = 1;  // of what is saved

bool is_completed(const Json& stop) {
  if (!stop.is_object()) return false;
  const auto status = stop.find("status"), completed = stop.find("completed");
  return (status != stop.end() && *status == "COMPLETED") || (completed != stop.end() && *completed == true);
}

// Progress that the event does not tell is counted from the stops that it lists.
Json derived_progress(const Json& fields) {
  Json progress = Json::object();
  const auto stops = fields.find("stops");
  if (stops == fields.end() || !stops->is_array()) return progress;
  if (!fields.contains("completedStops")) progress["completedStops"] = std::ranges::count_if(*stops, is_completed);
  if (!fields.contains("totalStops")) progress["totalStops"] = stops->size();
  return progress;
}

std::string merged(const std::string& before, std::string_view data, const Json& fields) {
  const auto status = written_member(data, "status");
  const std::string new_run = status ? R"({"status":)" + std::string(*status) + "}" : "{}";  // stands first
  return merged_as_written(merged_as_written(before.empty() ? new_run : before, data), derived_progress(fields).dump());
}

// The order in which members stand makes no difference. Always false.
bool refuse_difference(const Json& before, const Json& after) {
  using Unordered = nlohmann::json;
  if (Unordered(before) == Unordered(after)) return false;
  throw Rejection("the run has ended with status " + before["status"].get<std::string>() +
                  ": nothing of it can change any more");
}

// Counts without a sign, and without zeros in front; of others it says what it likes, for update to judge.
bool has_done_too_many(std::string_view run) {
  const auto done = written_member(run, "completedStops"), of = written_member(run, "totalStops");
  if (!done || !of) return false;
  return done->size() != of->size() ? done->size() > of->size() : *done > *of;
}

// Members that are whole numbers of at least 0, or absent.
bool has_plain_counts(const PlainPatch& patch) {
  return std::ranges::all_of(std::array{"completedStops", "totalStops"}, [&](const char* name) {
    const auto value = patch.find(name);
    return !value || std::ranges::all_of(*value, [](char c) { return c >= '0' && c <= '9'; });
  });
}

// Another driver, or other orders, concern more than the run.
bool is_of_the_run_alone(const PlainPatch& patch) {
  return std::ranges::none_of(std::array{"driverId", "orderIds", "stops"}, [&](const char* name) { return patch.has(name); });
}

}  // namespace

std::optional<bool> Run::go_on(const PlainPatch& patch, const Settings::Statuses& ended_statuses) {
  const auto status = patch.text("status");
  if (data_.empty() || ended() || !status || status->empty() || ended_statuses.contains(*status)) return std::nullopt;
  if (!is_of_the_run_alone(patch) || !has_plain_counts(patch)) return std::nullopt;
  std::string text = patch.merged_into(data_);
  if (text.size() > kMaxBytes || has_done_too_many(text)) return std::nullopt;
  return replace_text(std::move(text));
}

bool Run::update(const Json& fields, std::string_view data, std::int64_t time_us, const Settings::Statuses& ended_statuses) {
  check_patch(fields);
  const Json before = data_.empty() ? Json::object() : Json::parse(data_);
  std::string text = merged(data_, data, fields);
  const Json after = Json::parse(text);
  check_run(after);
  if (ended()) return refuse_difference(before, after);
  if (!replace_data(std::move(text), after)) return false;
  if (ended_statuses.contains(after["status"].get_ref<const std::string&>())) ended_at_ = time_us;
  return true;
}

bool Run::bring_end_back_to(std::int64_t time_us) {
  if (!ended_at_ || *ended_at_ <= time_us) return false;
  ended_at_ = time_us;
  return true;
}

bool Run::replace_text(std::string text) {
  if (text == data_) return false;
  if (text.size() > kMaxBytes) throw Rejection("the run would become larger than 64 KiB");
  text.shrink_to_fit();
  data_ = std::move(text);
  return true;
}

bool Run::replace_data(std::string text, const Json& value) {
  if (!replace_text(std::move(text))) return false;
  driver_ = id_or_empty(value, "driverId");
  orders_ = ids_or_empty(value, "orderIds");
  return true;
}

Run Run::load(std::string_view bytes, std::vector<std::string>& carried) {
  const Json saved = Json::parse(bytes, nullptr, false);
  try {
    if (saved.at("form") != kRunForm) throw Rejection("a run was saved in another form");
    check_run(saved.at("data"));
    Run run;
    run.replace_data(std::string(written_member(bytes, "data").value()), saved.at("data"));
    if (const auto ended = saved.find("ended"); ended != saved.end()) run.ended_at_ = ended->get<std::int64_t>();
    if (const auto at = saved.find("at"); at != saved.end()) run.activity.last_us = at->get<std::int64_t>();
    carried = ids_or_empty(saved, "carried");
    return run;
  } catch (const Json::exception&) {
    throw Rejection("a run was saved in another form");
  }
}

std::string Run::save(const std::vector<std::string>& carried) const {
  std::string bytes = R"({"form":)" + std::to_string(kRunForm);
  if (activity.last_us != Activity::kUnknown) bytes += R"(,"at":)" + std::to_string(activity.last_us);
  if (ended_at_) bytes += R"(,"ended":)" + std::to_string(*ended_at_);
  if (!carried.empty()) bytes += R"(,"carried":)" + Json(carried).dump();
  return bytes + R"(,"data":)" + data_ + "}";
}

}  // namespace statecast::delivery
