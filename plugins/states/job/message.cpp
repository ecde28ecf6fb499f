#include "plugins/states/job/message.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include "plugins/states/rejection.hpp"

namespace statecast::job {
namespace {

// A WebSocket adds the cursor.
constexpr std::array<std::string_view, 7> kOwnNames{"type", "node", "status", "state", "timestamp", "index", "cursor"};

bool passes_through(std::string_view name, const Json& value) {
  return !value.is_null() && std::ranges::find(kOwnNames, name) == kOwnNames.end();
}

std::int64_t milliseconds(std::int64_t time_us) {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::microseconds(time_us)).count();
}

}  // namespace

std::string message_of(std::string_view node, const Json& fields, std::int64_t time_us, std::uint64_t index) {
  std::string text = R"({"type":"state_update","node":")";
  text.append(node);
  text.append(R"(","status":)").append(fields.at("status").dump());
  text.append(R"(,"state":)").append(fields.at("state").dump());
  text.append(R"(,"timestamp":)").append(std::to_string(milliseconds(time_us)));
  text.append(R"(,"index":)").append(std::to_string(index));
  for (const auto& [name, value] : fields.items())
    if (passes_through(name, value)) text.append(",").append(Json(name).dump()).append(":").append(value.dump());
  text.append("}");
  if (text.size() > kMaxMessageBytes) throw Rejection("the message would become larger than 128 KiB");
  return text;
}

}  // namespace statecast::job
