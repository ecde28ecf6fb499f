#include "plugins/states/job/message.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <statecast/written_json.hpp>

#include "plugins/states/written_merge.hpp"

namespace statecast::job {
namespace {

// A WebSocket adds the cursor.
constexpr std::array<std::string_view, 7> kOwnNames{"type", "node", "status", "state", "timestamp", "index", "cursor"};

bool passes_through(std::string_view name, std::string_view value) {
  return value != "null" && std::ranges::find(kOwnNames, name) == kOwnNames.end();
}

std::int64_t milliseconds(std::int64_t time_us) {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::microseconds(time_us)).count();
}

}  // namespace

std::string message_of(std::string_view node, const Json& fields, std::string_view data, std::int64_t time_us, std::uint64_t index) {
  std::string text = R"({"type":"state_update","node":")";
  text.append(node);
  text.append(R"(","status":)").append(fields.at("status").dump());
  text.append(R"(,"state":)").append(fields.at("state").dump());
  text.append(R"(,"timestamp":)").append(std::to_string(milliseconds(time_us)));
  text.append(R"(,"index":)").append(std::to_string(index));
  WrittenMembers members(data);
  for (std::string_view name, value; members.next(name, value);) {
    if (!passes_through(unescaped(name), value)) continue;
    append_name(text += ',', name);
    append_compact(text += ':', value);
  }
  text.append("}");
  return text;
}

}  // namespace statecast::job
