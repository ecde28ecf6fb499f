// Events that own their strings: written by a test for a plugin, or kept of what a plugin yielded.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "../detail/events.hpp"

namespace statecast::testkit {

struct OwnedEvent {
  std::string type{}, subject{};
  std::string data = "{}";
  std::string id{};  // empty = the kit counts: e-1, e-2, ...
  std::string source = "/test";
  std::int64_t time_us = 1'700'000'000'000'000;
  Position position{};  // all zero = the StateKit counts
  std::string extensions = "{}";
  bool replay = false;

  Event view() const {
    return {.position = position,
            .time_us = time_us,
            .id = id,
            .source = source,
            .type = type,
            .subject = subject,
            .data = data,
            .extensions = extensions,
            .replay = replay};
  }

  static OwnedEvent of(const Event& e) {
    return {.type = std::string(e.type),
            .subject = std::string(e.subject),
            .data = std::string(e.data),
            .id = std::string(e.id),
            .source = std::string(e.source),
            .time_us = e.time_us,
            .position = e.position,
            .extensions = std::string(e.extensions),
            .replay = e.replay};
  }

  bool operator==(const OwnedEvent&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const OwnedEvent& e) {
  return out << e.type << ' ' << e.id << " of " << e.subject << " at " << e.position.hi << '-' << e.position.lo << ' '
             << e.data;
}

// The same events as the ABI's array of pointers. Events without an id are counted on from `count`.
class EventArray {
 public:
  EventArray(std::vector<OwnedEvent> events, std::uint64_t& count, bool with_positions) : events_(std::move(events)) {
    for (OwnedEvent& e : events_) {
      ++count;
      if (e.id.empty()) e.id = "e-" + std::to_string(count);
      if (with_positions && e.position == Position{}) e.position.hi = count;
      abi_.push_back(detail::to_abi(e.view()));
    }
    for (const sc_event& e : abi_) pointers_.push_back(&e);
  }
  EventArray(const EventArray&) = delete;
  EventArray& operator=(const EventArray&) = delete;

  const sc_event* const* data() const { return pointers_.data(); }
  std::size_t size() const { return pointers_.size(); }

 private:
  std::vector<OwnedEvent> events_;
  std::vector<sc_event> abi_;
  std::vector<const sc_event*> pointers_;
};

}  // namespace statecast::testkit
