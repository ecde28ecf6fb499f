// How much time has passed in the stream, by the times that its events carry. The clock on the wall plays no part.
//
// An event that is further from the newest than `near` is not believed by itself, since one producer's wrong clock would
// make hours pass; ten of them in a row are: the stream has gone on to their time, and what lies between did not pass.
// A value. Thread role: lane.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

namespace statecast::order {

class EventClock {
 public:
  static constexpr std::size_t kBelievedInARow = 10;

  explicit EventClock(std::int64_t near_us) : near_us_(near_us) {}

  void note(std::int64_t time_us);

  // Microseconds since the first event; never goes back.
  std::int64_t passed_us() const { return passed_us_; }

  nlohmann::ordered_json save() const;
  void load(const nlohmann::ordered_json& saved);  // throws nlohmann::json::exception

 private:
  void note_far(std::int64_t time_us);

  const std::int64_t near_us_;
  std::optional<std::int64_t> newest_us_;
  std::int64_t passed_us_ = 0;
  std::vector<std::int64_t> far_;  // the last events, when they are not believed
};

}  // namespace statecast::order
