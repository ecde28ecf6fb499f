// Events between the ABI's form and the SDK's. Strings stay views of the same bytes.
#pragma once

#include <vector>

#include "../types.hpp"

namespace statecast::detail {

inline Event from_abi(const sc_event& e) {
  return {.position = e.pos,
          .time_us = e.time_us,
          .id = view(e.id),
          .source = view(e.source),
          .type = view(e.type),
          .subject = view(e.subject),
          .data = view(e.data),
          .extensions = view(e.extensions),
          .replay = (e.flags & SC_EVENT_REPLAY) != 0};
}

inline std::vector<Event> from_abi(const sc_event* const* events, std::size_t n) {
  std::vector<Event> out;
  out.reserve(n);
  for (std::size_t i = 0; i < n; ++i) out.push_back(from_abi(*events[i]));
  return out;
}

inline sc_event to_abi(const Event& e) {
  return {.size = sizeof(sc_event),
          .flags = e.replay ? SC_EVENT_REPLAY : 0u,
          .pos = e.position,
          .time_us = e.time_us,
          .id = str(e.id),
          .source = str(e.source),
          .type = str(e.type),
          .subject = str(e.subject),
          .data = str(e.data),
          .extensions = str(e.extensions)};
}

}  // namespace statecast::detail
