// A message as an operator reads it: the entity, its status, and what changed since the message before.
//
//   14:35:02  order o-1  CONFIRMED  eta="12:30" payment.status="SUCCEEDED"
//
// Knows no State: the entity is the member that ends in "Id", or "node", or the first text; the rest is `data`, or the
// message itself. Owned by a command. [main]
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace statecast::host {

class MessageText {
 public:
  static constexpr std::size_t kEntitiesAtMost = 10'000;  // beyond that the oldest is shown in full again

  explicit MessageText(bool color) : color_(color) {}

  // One line without its end. No byte of the message reaches a terminal as a control character.
  std::string line(std::string_view json, std::string_view time);

  std::size_t entities() const { return last_.size(); }

 private:
  using Fields = std::map<std::string, std::string>;  // by dotted path, as compact JSON

  std::string changes(const std::string& entity, const Fields& fields);
  std::string paint(const char* code, std::string_view text) const;

  const bool color_;
  std::map<std::string, Fields> last_;
  std::deque<std::string> order_;  // of last_, oldest first
};

}  // namespace statecast::host
