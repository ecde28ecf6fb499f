// Which group an event belongs to: what it has at a JSON pointer (RFC 6901).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <statecast/types.hpp>
#include <string>
#include <string_view>

namespace statecast::window {

class Grouping {
 public:
  // "/subject", or into the event's data: "/data/merchantId". Throws Rejection.
  explicit Grouping(std::string_view pointer);

  // A text that is an id, or a whole number, and so a legal name of a topic; nothing when the event has none there.
  std::optional<std::string> group_of(const Event& event) const;

 private:
  std::optional<nlohmann::json::json_pointer> in_data_;  // nothing = the subject
};

}  // namespace statecast::window
