#include "tests/bench/request.hpp"

#include <algorithm>
#include <stdexcept>

namespace statecast::bench {

namespace {

constexpr std::size_t kDigits = 10;
constexpr std::string_view kHere = "##########";
static_assert(kHere.size() == kDigits);

std::string decimal(std::uint64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  return std::string(width - std::min(width, text.size()), '0') + text;
}

// A driver's location, which the platform has most of; padded by a field of the platform's own.
std::string event(const RequestForm& form, std::uint64_t publisher) {
  const std::string driver = "d-" + decimal(publisher, 4);
  const std::string head = R"({"specversion":"1.0","id":"b-)" + decimal(publisher, 4) + "-" + std::string(kHere) +
                           R"(","source":"/bench","type":")" + form.type + R"(","subject":")" + driver +
                           R"(","time":"2023-12-20T14:35:00.000Z","data":{"latitude":52.520008,"longitude":13.404954,)"
                           R"("heading":271.5,"speed":38.25,"note":")";
  const std::string tail = "\"}}";
  if (head.size() + tail.size() > form.event_bytes)
    throw std::invalid_argument("an event takes " + std::to_string(head.size() + tail.size()) + " bytes at least");
  return head + std::string(form.event_bytes - head.size() - tail.size(), 'x') + tail;
}

}  // namespace

Request::Request(const RequestForm& form, std::uint64_t publisher) {
  std::string body;
  for (std::size_t i = 0; i < form.events; ++i) body += event(form, publisher) + (form.events > 1 ? "\n" : "");
  text_ = "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: " +
          std::string(form.events > 1 ? "application/x-ndjson" : "application/cloudevents+json") +
          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  for (auto at = text_.find(kHere); at != std::string::npos; at = text_.find(kHere, at + kDigits)) ids_.push_back(at);
}

void Request::renew() {
  for (const std::size_t at : ids_) {
    std::uint64_t rest = next_++;
    for (std::size_t i = kDigits; i-- > 0; rest /= 10) text_[at + i] = static_cast<char>('0' + rest % 10);
  }
}

}  // namespace statecast::bench
