#include "plugins/states/window/window.hpp"

#include <nlohmann/json.hpp>
#include <statecast/rfc3339.hpp>

#include "plugins/states/rejection.hpp"

namespace statecast::window {
namespace {

using Json = nlohmann::ordered_json;

// 0001-01-01T00:00:00Z, a Monday: windows of a week begin on Mondays, those of an hour or a day as everybody expects.
constexpr std::int64_t kOriginUs = -62'135'596'800'000'000;

std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string Place::key() const { return "window:" + std::to_string(start_us) + ":" + group; }

std::int64_t start_of(std::int64_t time_us, std::int64_t size_us) {
  const std::int64_t since = (time_us - kOriginUs) % size_us;
  return time_us - (since < 0 ? since + size_us : since);
}

void Window::count(std::string_view type, std::size_t max_types, std::size_t bytes_left) {
  ++total_;
  const std::size_t bytes = kTypeBytes + type.size();
  if (const auto found = types_.find(type); found != types_.end()) {
    ++found->second;
  } else if (types_.size() < max_types && bytes <= bytes_left) {
    types_.emplace(type, 1);
    bytes_ += bytes;
  } else {
    ++other_;
  }
}

std::string Window::message(const Place& place, std::int64_t size_us) const {
  Json json{{"type", "window"}};
  if (!place.group.empty()) json["group"] = place.group;
  json["window_start"] = format_rfc3339(place.start_us);
  json["window_end"] = format_rfc3339(place.start_us + size_us);
  json["total_events"] = total_;
  json["event_types"] = types_;
  if (other_ > 0) json["other_events"] = other_;
  if (late_ > 0) json["late_events"] = late_;
  return text_of(json);
}

std::string Window::save() const {
  return text_of(Json{{"total", total_}, {"types", types_}, {"other", other_}, {"late", late_}});
}

Window Window::load(std::string_view bytes) {
  const Json saved = Json::parse(bytes, nullptr, false);
  try {
    Window window;
    window.total_ = saved.at("total").get<std::uint64_t>();
    for (const auto& [type, count] : saved.at("types").items())
      if (window.types_.emplace(type, count.get<std::uint64_t>()).second) window.bytes_ += kTypeBytes + type.size();
    window.other_ = saved.at("other").get<std::uint64_t>();
    window.late_ = saved.at("late").get<std::uint64_t>();
    return window;
  } catch (const Json::exception&) {
    throw Rejection("a window was saved in another form");
  }
}

}  // namespace statecast::window
