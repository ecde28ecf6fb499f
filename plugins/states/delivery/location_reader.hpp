// Reads the data of DriverLocationUpdated, the most frequent of events, into the `location` that clients are sent.
//
// No tree is built and, once the buffers have grown, nothing is allocated: numbers and the platform's own fields are
// copied as the text that they came as. Owned by a DeliveryState, on its lane.
#pragma once

#include <simdjson.h>

#include <statecast/plain_json.hpp>
#include <string>
#include <string_view>

namespace statecast::delivery {

// The data of one location is at most so large.
inline constexpr std::size_t kMaxLocationBytes = 4096;

class LocationReader {
 public:
  LocationReader();

  // A JSON object: latitude, longitude, heading and speed first, then the other fields as they came, without those that
  // are null. Valid until the next call. Throws Rejection with a sentence that names the field.
  std::string_view read(std::string_view driver, std::string_view data);

 private:
  struct Found;

  bool read_plain(std::string_view driver, std::string_view data, Found& found);
  void read_any(std::string_view driver, std::string_view data, Found& found);
  bool take_plain(std::string_view driver, std::string_view name, PlainJson& value, Found& found);
  void take(std::string_view driver, simdjson::ondemand::field& field, Found& found);
  void add_other(std::string_view name, std::string_view text);
  void write(const Found& found);

  simdjson::ondemand::parser parser_;
  std::string padded_;    // the data under way, with the room behind it that the parser may read
  std::string others_;    // its own fields: ,"name":value
  std::string location_;  // the result
};

}  // namespace statecast::delivery
