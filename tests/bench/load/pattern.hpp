// A text with places for a topic and for a message's number, `{topic}` and `{number}`. They are written with as many
// digits each time, so that the text is made once and keeps its length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace statecast::bench {

class Pattern {
 public:
  explicit Pattern(std::string text);

  // Good until the next call.
  std::string_view write(std::uint64_t topic, std::uint64_t number = 0);
  std::size_t size() const { return text_.size(); }

 private:
  std::string text_;
  std::vector<std::size_t> topics_, numbers_;  // where they stand
};

}  // namespace statecast::bench
