// Events for the micro-benches, in batches as a feed builds them.
#pragma once

#include <cstdint>
#include <statecast/detail/events.hpp>
#include <string>
#include <vector>

#include "host/streaming/event_batch.hpp"

namespace statecast::bench {

struct Occurrence {
  std::string type, subject, data;
};

inline constexpr std::int64_t kTimeUs = 1'703'082'900'000'000;  // 2023-12-20T14:35:00.000Z

// The events at the positions `first` and following; their number is part of their ids.
inline host::Ref<host::EventBatch> batch_of(const std::vector<Occurrence>& events, std::uint64_t first) {
  host::EventBatch::Builder builder(0, false);
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::string id = "e-" + std::to_string(first + i);
    const Event event{.position = {first + i, 0, 0, 0},
                      .time_us = kTimeUs,
                      .id = id,
                      .source = "/bench",
                      .type = events[i].type,
                      .subject = events[i].subject,
                      .data = events[i].data,
                      .extensions = "{}"};
    builder.add(detail::to_abi(event));
  }
  return builder.finish();
}

// The events for State::apply, which wants pointers. They live as long as the batch.
inline std::vector<const sc_event*> pointers_to(const host::EventBatch& batch) {
  std::vector<const sc_event*> out;
  for (const sc_event& event : batch.events()) out.push_back(&event);
  return out;
}

}  // namespace statecast::bench
