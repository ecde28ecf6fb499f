// A Source yields events in order, through readers that know nothing of each other, and may accept new ones.
//
// A reader is a place in the source: the host opens one for the live tail and others to catch up or replay, so that a
// slow one starves nobody. Each reader is called by one thread at a time. An event is shown to a reader only when no
// crash can take it back.
#ifndef STATECAST_ABI_SOURCE_H
#define STATECAST_ABI_SOURCE_H

#include "event.h"
#include "host.h"

#ifdef __cplusplus
extern "C" {
#endif

// Takes the events of one poll. Event and its strings die when the call returns. [source]
typedef struct sc_batch {
  uint32_t size;
  void *ctx;
  void (*event)(void *ctx, const sc_event *event);

  // The events from *first to *last (both included, of one partition; the same for a single one) are damaged: the Source
  // has them, but cannot give what was stored. `events` says how many they are, `why` how the Source knows. They count as
  // yielded: the reader goes on after them, and the host tells operators. A host whose `size` ends before this knows
  // nothing of damage: leave them out.
  void (*damaged)(void *ctx, const sc_pos *first, const sc_pos *last, uint64_t events, sc_str why);
} sc_batch;

// Takes one receipt for each event of an append, in any order: `i` is its index. OK means durable at *pos; then
// `duplicate` is 1 when the same (id, source) was there before, and *pos is where. Otherwise `why` says what is
// wrong with this event, and pos may be null. [append]
typedef struct sc_receipts {
  uint32_t size;
  void *ctx;
  void (*receipt)(void *ctx, size_t i, sc_status status, const sc_pos *pos, uint32_t duplicate, sc_str why);
} sc_receipts;

typedef struct sc_source {
  uint32_t size;

  // Makes an instance. OK sets *self; anything else leaves it alone and says why in err. [main]
  sc_status (*create)(const sc_host *host, const sc_instance *instance, void **self, const sc_sink *err);

  // Frees the instance; every reader is closed before. Joins the threads that the Source owns. [main]
  void (*destroy)(void *self);

  // Writes the identity of the history: 1 to 32 characters of a-z 0-9. Another identity = positions mean nothing any
  // more. Sets *partitions, at least 1. [main]
  sc_status (*epoch)(void *self, const sc_sink *id, uint32_t *partitions);

  // Sets the positions of the oldest and newest event held in a partition; both all zero when there is none. [any]
  sc_status (*range)(void *self, uint32_t partition, sc_pos *oldest, sc_pos *newest);

  // Opens a reader after the given positions, one for each of the n partitions to read. An all-zero position is the
  // start. GONE = history after a position was trimmed. [source]
  sc_status (*reader_open)(void *self, const sc_pos *after, size_t n, void **reader, const sc_sink *err);

  // Yields up to `max` events, waiting for the first until deadline_ns (sc_host.mono_ns). OK = some were yielded,
  // TIMEOUT = none, RETRY = a passing fault, GONE = what follows was trimmed. [source]
  sc_status (*poll)(void *reader, size_t max, int64_t deadline_ns, const sc_batch *batch, const sc_sink *err);

  // Makes the poll under way, or else the next one, return soon with TIMEOUT. [any]
  void (*interrupt)(void *reader);

  // Closes a reader. No poll is under way. [source]
  void (*reader_close)(void *reader);

  // Every state has saved what it needs up to these positions, one for each partition; all zero = nothing yet. Comes about
  // once a second as long as the host knows: a time for upkeep, too. RETRY or FAILED = the Source has found that it cannot
  // store events now, and err says why: as after an append that failed. Null = of no use to this Source. [append]
  sc_status (*ack)(void *self, const sc_pos *positions, size_t n, const sc_sink *err);

  // Makes n events durable, in order, and gives each its receipt before it returns. Anything but OK = nothing of the
  // call was stored, and err says why. n = 0 asks whether it could: after a failure the host asks until it is OK, and a
  // Source proves that it can write again. Null = this Source takes no events. Runs beside readers. [append]
  sc_status (*append)(void *self, const sc_event *const *events, size_t n, const sc_receipts *receipts, const sc_sink *err);

  // Returns the plugin's side of the extension "statecast.<name>/<revision>", or null. May itself be null. [main]
  const void *(*get_extension)(void *self, sc_str id);
} sc_source;

#ifdef __cplusplus
}
#endif

#endif
