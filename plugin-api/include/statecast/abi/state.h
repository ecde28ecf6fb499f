// A State folds events into a cache, keyed by entity, and renders one entity for one view.
//
// All calls to one instance come from its lane, one at a time: a State needs no locks. With `partitions: N` the host
// makes N instances and gives each the events of its own keys. `apply` must depend on the events alone, never on a
// clock, so that a replay gives the same state; what changes with time belongs in `refresh`.
//
// A State's manifest (see entry.h) says which event types it consumes and which topics it offers.
#ifndef STATECAST_ABI_STATE_H
#define STATECAST_ABI_STATE_H

#include "event.h"
#include "host.h"

#ifdef __cplusplus
extern "C" {
#endif

// The value of `ev` in sc_changes during `refresh`, where no event is the cause.
#define SC_NO_EVENT ((size_t)-1)

// Where apply and refresh report what changed. Valid during that call. `ev` is the index into the batch. [lane]
typedef struct sc_changes {
  uint32_t size;
  void *ctx;

  // The key's value changed; its latest rendering counts, on each of these topics. Several reports of one key in a
  // call become one message.
  void (*updated)(void *ctx, size_t ev, sc_str key, const sc_str *topics, size_t n);

  // One message for a topic of kind `appended`, of which each counts. `json` is one JSON object; `view` empty = every view.
  void (*appended)(void *ctx, size_t ev, sc_str key, const sc_str *topics, size_t n, sc_str view, sc_str json);

  // The key leaves these topics: snapshots of them no longer hold it. When save then says UNKNOWN, the host forgets the key.
  void (*removed)(void *ctx, size_t ev, sc_str key, const sc_str *topics, size_t n);

  // Nothing more will come on this topic: its streams close after what is still under way, and a client that comes back
  // with all of it is told not to come again. A later updated or appended on the topic takes the end back.
  void (*ended)(void *ctx, size_t ev, sc_str topic);

  // Nothing visible changed, but the key must be saved again.
  void (*touched)(void *ctx, size_t ev, sc_str key);

  // The event is refused and has changed nothing. `reason` is a sentence for the publisher. The batch goes on.
  void (*rejected)(void *ctx, size_t ev, sc_str reason);

  // The State failed at this event: as rejected, but it is the State's fault, and what changed before it failed stays. The
  // batch goes on; after five failures in a row the host makes the State anew from its checkpoint, without these events.
  // Absent before `size` 72. Within apply only.
  void (*failed)(void *ctx, size_t ev, sc_str reason);

  // ---- events that come too early. All three are absent before `size` 96.

  // The event is put off until another has come: it has changed nothing visible. The State keeps it, saves it (save, load),
  // and says later what became of it: settled or refused. `reason` is a sentence for the publisher. `place` takes the text
  // under which the host knows the event from here on, at most 1 KiB and opaque; it holds over restarts. Within apply only;
  // null where an event must be folded or rejected at once, as when an operator redelivers it.
  void (*held)(void *ctx, size_t ev, sc_str reason, const sc_sink *place);

  // The event that was held at this place is folded now.
  void (*settled)(void *ctx, sc_str place);

  // The event that was held at this place is refused after all: as rejected, though it is not in the batch. The State hands it
  // back as it came; of `event`, flags and pos are not read.
  void (*refused)(void *ctx, sc_str place, const sc_event *event, sc_str reason);
} sc_changes;

// The client that asks: the RequestContext. Pointers die with the call.
typedef struct sc_client {
  uint32_t size, flags;
  uint64_t session;  // unique among the sessions of this process
  sc_str remote;     // address and port, "192.0.2.1:50312"
  sc_str method;     // "GET"
  sc_str path;       // as requested, without the query
  sc_str query;      // after the '?', still percent-encoded
  sc_str claims;     // JSON object of verified claims; {} = anonymous. `sub` is the identity, `roles` an array
  void *ctx;
  // The value of a request header, empty when absent. The name is in lower case. The value dies with the outer call.
  sc_str (*header)(void *ctx, sc_str lowercase_name);
} sc_client;

// Takes the keys of a snapshot page. [lane]
typedef struct sc_keys {
  uint32_t size;
  void *ctx;
  void (*key)(void *ctx, sc_str key);
} sc_keys;

typedef struct sc_state {
  uint32_t size;

  // Makes an instance. OK sets *self; anything else leaves it alone and says why in err. [main], or [lane] when the host
  // makes a State anew that failed
  sc_status (*create)(const sc_host *host, const sc_instance *instance, void **self, const sc_sink *err);

  // Frees the instance. Nothing is called on it any more. [main], or [lane] as create
  void (*destroy)(void *self);

  // Takes back one saved key, before the first apply. `version` is the plugin version that saved it.
  // Anything but OK refuses the whole checkpoint, and history is replayed from its start. [lane]
  sc_status (*load)(void *self, sc_str version, sc_str key, sc_str bytes, const sc_sink *err);

  // Folds n events, in order. An event that is wrong is reported by changes->rejected, and the call goes on and
  // returns OK. Any other status says that the instance itself failed, nobody knows at which event: the host makes it anew
  // from its checkpoint and gives it these events again, one a call. [lane]
  sc_status (*apply)(void *self, const sc_event *const *ev, size_t n, const sc_changes *changes, const sc_sink *err);

  // Brings the cache up to date with the clock: called at each tick (`refresh:`) once history is replayed, never overlapping.
  // now_us follows the wall clock, a jump of it when that has stood for a while: it may go back. What is shown goes by it;
  // what is evicted for its age is judged by sc_host.aged_us. [lane]
  sc_status (*refresh)(void *self, int64_t now_us, const sc_changes *changes, const sc_sink *err);

  // Says what this client sees of a topic: OK and the name of a view, DENIED, or UNKNOWN (no such topic; shown to the
  // client as a denial). err takes the reason. A topic whose entity does not exist yet may be admitted. [lane]
  sc_status (*admit)(void *self, const sc_client *client, sc_str topic, const sc_sink *view, const sc_sink *err);

  // Names up to `max` keys that are on the topic now, in ascending byte order, each greater than `after_key` (empty =
  // from the first). Fewer than `max` says that the list has ended. [lane]
  sc_status (*list)(void *self, sc_str topic, sc_str after_key, size_t max, const sc_keys *keys, const sc_sink *err);

  // Writes the key's current message, one JSON object, as this view sees it. UNKNOWN = nothing for this view. [lane]
  sc_status (*render)(void *self, sc_str key, sc_str view, const sc_sink *json, const sc_sink *err);

  // Writes the bytes from which load restores the key. UNKNOWN = the key is gone: its saved row is deleted. [lane]
  sc_status (*save)(void *self, sc_str key, const sc_sink *bytes, const sc_sink *err);

  // Returns the plugin's side of the extension "statecast.<name>/<revision>", or null. May itself be null. [main]
  const void *(*get_extension)(void *self, sc_str id);
} sc_state;

#ifdef __cplusplus
}
#endif

#endif
