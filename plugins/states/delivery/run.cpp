#include "plugins/states/delivery/run.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "plugins/states/rejection.hpp"

namespace statecast::delivery {
namespace {

constexpr int kForm = 1;  // of what is saved

bool is_completed(const Json& stop) {
  if (!stop.is_object()) return false;
  const auto status = stop.find("status"), completed = stop.find("completed");
  return (status != stop.end() && *status == "COMPLETED") || (completed != stop.end() && *completed == true);
}

// Progress that the event does not tell is counted from the stops that it lists.
void derive_progress(const Json& fields, Json& run) {
  const auto stops = fields.find("stops");
  if (stops == fields.end() || !stops->is_array()) return;
  if (!fields.contains("completedStops")) run["completedStops"] = std::ranges::count_if(*stops, is_completed);
  if (!fields.contains("totalStops")) run["totalStops"] = stops->size();
}

Json merged(const Json& before, const Json& fields) {
  Json after = before;
  const auto status = fields.find("status");
  if (before.empty() && status != fields.end()) after["status"] = *status;  // stands first
  after.merge_patch(fields);
  derive_progress(fields, after);
  return after;
}

// The order in which members stand makes no difference. Always false.
bool refuse_difference(const Json& before, const Json& after) {
  using Unordered = nlohmann::json;
  if (Unordered(before) == Unordered(after)) return false;
  throw Rejection("the run has ended with status " + before["status"].get<std::string>() +
                  ": nothing of it can change any more");
}

}  // namespace

bool Run::update(const Json& fields, std::int64_t time_us, const Settings::Statuses& ended_statuses) {
  check_patch(fields);
  const Json before = data_.empty() ? Json::object() : Json::parse(data_);
  const Json after = merged(before, fields);
  check_run(after);
  if (ended()) return refuse_difference(before, after);
  if (!replace_data(after)) return false;
  if (ended_statuses.contains(after["status"].get_ref<const std::string&>())) ended_at_ = time_us;
  return true;
}

bool Run::replace_data(const Json& value) {
  std::string text = value.dump();
  if (text == data_) return false;
  if (text.size() > kMaxBytes) throw Rejection("the run would become larger than 64 KiB");
  text.shrink_to_fit();
  data_ = std::move(text);
  driver_ = id_or_empty(value, "driverId");
  orders_ = ids_or_empty(value, "orderIds");
  return true;
}

Run Run::load(std::string_view bytes, std::vector<std::string>& carried) {
  const Json saved = Json::parse(bytes, nullptr, false);
  try {
    if (saved.at("form") != kForm) throw Rejection("a run was saved in another form");
    check_run(saved.at("data"));
    Run run;
    run.replace_data(saved.at("data"));
    if (const auto ended = saved.find("ended"); ended != saved.end()) run.ended_at_ = ended->get<std::int64_t>();
    carried = ids_or_empty(saved, "carried");
    return run;
  } catch (const Json::exception&) {
    throw Rejection("a run was saved in another form");
  }
}

std::string Run::save(const std::vector<std::string>& carried) const {
  std::string bytes = R"({"form":)" + std::to_string(kForm);
  if (ended_at_) bytes += R"(,"ended":)" + std::to_string(*ended_at_);
  if (!carried.empty()) bytes += R"(,"carried":)" + Json(carried).dump();
  return bytes + R"(,"data":)" + data_ + "}";
}

}  // namespace statecast::delivery
