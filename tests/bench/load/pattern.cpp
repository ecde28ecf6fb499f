#include "tests/bench/load/pattern.hpp"

namespace statecast::bench {

namespace {

constexpr std::string_view kTopic = "{topic}", kNumber = "{number}";
constexpr std::size_t kTopicDigits = 6, kNumberDigits = 10;

void write_digits(std::string& text, std::size_t at, std::size_t digits, std::uint64_t number) {
  for (std::size_t i = digits; i-- > 0; number /= 10) text[at + i] = static_cast<char>('0' + number % 10);
}

}  // namespace

Pattern::Pattern(std::string text) {
  const std::string_view rest = text;
  for (std::size_t at = 0; at < rest.size();) {
    const bool topic = rest.substr(at).starts_with(kTopic), number = rest.substr(at).starts_with(kNumber);
    if (!topic && !number) {
      text_ += rest[at++];
      continue;
    }
    (topic ? topics_ : numbers_).push_back(text_.size());
    text_.append(topic ? kTopicDigits : kNumberDigits, '0');
    at += (topic ? kTopic : kNumber).size();
  }
}

std::string_view Pattern::write(std::uint64_t topic, std::uint64_t number) {
  for (const std::size_t at : topics_) write_digits(text_, at, kTopicDigits, topic);
  for (const std::size_t at : numbers_) write_digits(text_, at, kNumberDigits, number);
  return text_;
}

}  // namespace statecast::bench
