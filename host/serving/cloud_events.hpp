// Published events: from an HTTP request or a session's command to validated envelopes. Each request is taken whole or
// refused whole, with a sentence that names the event at fault.
//
// Forms (CloudEvents 1.0, HTTP protocol binding 3.1-3.3): structured `application/cloudevents+json`, batch
// `application/cloudevents-batch+json`, binary (ce-* headers, data as body), `application/x-ndjson` with one structured
// event or short form a line, and the short form {"type", "subject", "data"} as `application/json`, whose id, source and
// time the host fills in. [shard]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/serving/http.hpp"
#include "host/streaming/event_batch.hpp"

namespace statecast::host {

struct PublishedEvents {
  Ref<EventBatch> events;   // without positions
  unsigned status = 0;      // when there are none: the problem's status and text
  std::string detail;
  std::optional<std::size_t> index;  // of the event at fault, in a request of several
};

inline constexpr std::string_view kDefaultEventSource = "/statecast";
inline constexpr std::size_t kEventsARequest = 10'000;

PublishedEvents read_published(const HttpRequest& request, std::int64_t now_us);

// One event as JSON: structured, or the short form.
PublishedEvents read_published_json(std::string_view json, std::int64_t now_us);

// RFC 3339 to microseconds since 1970; nothing when it is none.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

}  // namespace statecast::host
