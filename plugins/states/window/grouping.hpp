// Which group an event belongs to: what it has at a JSON pointer (RFC 6901).
#pragma once

#include <optional>
#include <statecast/types.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace statecast::window {

class Grouping {
 public:
  // "/subject", or into the event's data: "/data/merchantId". Throws Rejection.
  explicit Grouping(std::string_view pointer);

  // A text that is an id, or a whole number as it was written, and so a legal name of a topic; nothing when the event has none there.
  std::optional<std::string> group_of(const Event& event) const;

 private:
  std::vector<std::string> in_data_;  // the names and places on the way into data; empty = the subject
};

}  // namespace statecast::window
