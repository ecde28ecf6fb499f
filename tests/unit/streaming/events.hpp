// Batches of events for tests, built as a feed builds them.
#pragma once

#include <initializer_list>
#include <numeric>
#include <statecast/testkit/owned_event.hpp>
#include <vector>

#include "host/streaming/event_batch.hpp"

namespace statecast::host::test {

using testkit::OwnedEvent;

inline Position at(std::uint64_t hi, std::uint32_t partition = 0) { return {hi, 0, partition, 0}; }

inline OwnedEvent event(std::string type, std::string subject, std::string data, Position position = {}) {
  return {.type = std::move(type), .subject = std::move(subject), .data = std::move(data), .id = "e", .position = position};
}

inline Ref<EventBatch> batch_of(const std::vector<OwnedEvent>& events, std::uint16_t source = 0, bool replay = false) {
  EventBatch::Builder builder(source, replay);
  for (const OwnedEvent& e : events) builder.add(detail::to_abi(e.view()));
  return builder.finish();
}

inline std::vector<std::uint32_t> all_of(const EventBatch& batch) {
  std::vector<std::uint32_t> indices(batch.events().size());
  std::iota(indices.begin(), indices.end(), 0u);
  return indices;
}

}  // namespace statecast::host::test
