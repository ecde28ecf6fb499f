// One event: an immutable fact in a CloudEvents 1.0 envelope, parsed once by the host, and its position.
//
// Events are always passed as an array of pointers, so that the struct can grow.
#ifndef STATECAST_ABI_EVENT_H
#define STATECAST_ABI_EVENT_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

// The event comes from a replay of history (a start, a rebuild), not from the live tail.
#define SC_EVENT_REPLAY 1u

typedef struct sc_event {
  uint32_t size, flags;  // SC_EVENT_*
  sc_pos pos;            // all zero while the event is being published and has no position yet
  int64_t time_us;       // CloudEvents `time`: microseconds since 1970-01-01 UTC
  sc_str id;             // CloudEvents `id`, 1 to 256 bytes; (id, source) names the event (CloudEvents 1.0 3.1.1)
  sc_str source;         // CloudEvents `source`, a URI reference, 1 to 1024 bytes
  sc_str type;           // CloudEvents `type`, 1 to 256 bytes
  sc_str subject;        // CloudEvents `subject`: the entity's id; may be empty
  sc_str data;           // CloudEvents `data`: one JSON value, validated; "null" when there was none
  sc_str extensions;     // a JSON object of the remaining attributes (traceparent, ...), "{}" when none
} sc_event;

#ifdef __cplusplus
}
#endif

#endif
