// The one symbol that a plugin library exports, and what it leads to.
//
// statecast_entry_v1 returns the library's entry, which lists its plugins. Entry, descriptors, strings and function
// tables live as long as the process: a library is never unmapped. The function may be called before any other
// and must not start threads or touch files.
//
// The manifest is a JSON object. New facts are added there, so that the structs need not grow:
//   settings   JSON Schema draft-07 of the instance's settings, an object with `properties`. A property of type integer
//              with "format": "duration" (milliseconds) or "size" (bytes) is written with a unit in YAML: 30s, 256KiB.
//              A string with "format": "path" may be written relative to the folder of the YAML file; the plugin gets it
//              absolute. Keys not among `properties` are errors unless "additionalProperties" says otherwise. `default`
//              values are filled in, also those within an absent object that has no `required` keys.
//              What a State saved under other settings is not loaded: it is kept aside, and history replayed. A property
//              with "shapes_saved": false is no reason for that: of two values of it, both save the same, or what differs is told
//              otherwise (an event that is refused is a dead letter). So for what matters to rendering alone, and for bounds.
// For a State:
//   consumes   [{"type": "OrderCreated", "key": "/subject"}]; `key` is a JSON pointer to the partition key: /subject or
//              into /data. The type "*" stands for every type that has no entry of its own: the State gets all events
//   topics     [{"prefix": "orders", "kind": "updated", "spans": ["all"]}]; kind is updated or appended; `spans` names
//              the topics that live on every partition, true = each topic of the prefix does. The name of any other
//              topic is its partition key.
//   partitionable  true when the State can be split (`partitions: N`); false when absent
// For a Transport:
//   encodings  [{"name": "plain", "bare": 1}, {"name": "bare"}]; `bare` is the number of the same encoding without
//              cursors, which the host uses for sessions that get a cursor of their own
//   routes     [{"path": "/api/v1/realtime/orders/{id}/stream", "topic": "orders/{id}"}, {"path": "/api/v1/stream"}]:
//              default routes; one without `topic` takes its topics from the query (?topic=)
//   upgrade    the protocol of the HTTP Upgrade header, for a transport that starts by one: "websocket"
//   heartbeat_answered  true when a live client answers a heartbeat (sc_commands.pong)
// For a Source:
//   appends    true when events can be published to it
//   exclusive  true when nobody but this instance's append adds events. The host then hands on to the states what an append
//              has stored, in the order of its receipts, and reads nothing back: readers only catch up
//   feeds      true when its events are not kept: its configuration names, by `into:`, the source that it feeds, and its
//              one reader is opened at the beginning at each start. The log takes an event that it has for a duplicate,
//              by the event's source and id
#ifndef STATECAST_ABI_ENTRY_H
#define STATECAST_ABI_ENTRY_H

#include "source.h"
#include "state.h"
#include "transport.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SC_KIND_STATE 1u
#define SC_KIND_TRANSPORT 2u
#define SC_KIND_SOURCE 3u

typedef struct sc_descriptor {
  uint32_t size, kind;    // SC_KIND_*
  sc_str id;              // what `type:` names in the configuration: a-z 0-9 and '-', unique within its kind
  sc_str version;         // of this plugin, "1.4.0"
  sc_str summary;         // one line for `statecast plugins`
  sc_str manifest;        // JSON object, see above
  const void *functions;  // sc_state, sc_transport or sc_source
} sc_descriptor;

typedef struct sc_entry {
  uint32_t size, abi;  // abi: SC_ABI_VERSION that the library was built for
  sc_str package;      // the package or project that ships it
  sc_str version;      // of the package
  size_t n;
  const sc_descriptor *const *descriptors;
} sc_entry;

#define SC_ENTRY_SYMBOL "statecast_entry_v1"

// Returns the library's entry. [main]
typedef const sc_entry *(*sc_entry_fn)(void);

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const sc_entry *statecast_entry_v1(void);

#ifdef __cplusplus
}
#endif

#endif
