// One line of a recording: a CloudEvent in its JSON form (CloudEvents 1.0, JSON format 3).
//
// Pure. The rules are those that a host has for what is published to it, since from here on nobody looks again.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace statecast::file {

// What is wrong with a line, as the rest of a sentence that begins with its place.
class BadLine : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct RecordedEvent {
  std::string id, source, type, subject;
  std::string data = "null";  // as it was written
  std::string extensions = "{}";
  std::int64_t time_us = 0;

  // `now_us` is for an event without a time. Throws BadLine.
  static RecordedEvent read(std::string_view line, std::int64_t now_us);
};

}  // namespace statecast::file
