// The short way from an event's JSON to its envelope, for events as nearly all are written. Whatever is unusual or wrong
// it leaves to read_envelope, which takes its time and says what is wrong; what it takes, both read alike.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "host/serving/envelope.hpp"

namespace statecast::host {

// CloudEvents 1.0 3.1: lower-case letters and digits.
bool is_extension_name(std::string_view name);

class QuickParser;

// Used by one thread at a time.
class QuickEnvelope {
 public:
  QuickEnvelope();
  ~QuickEnvelope();

  // Nothing when the other way must be taken. What may be left out is not filled in, but for the time.
  std::optional<Envelope> read(std::string_view text, std::int64_t now_us);

 private:
  const std::unique_ptr<QuickParser> parser_;
};

}  // namespace statecast::host
