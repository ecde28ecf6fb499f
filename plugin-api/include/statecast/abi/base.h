// The words every other header of the ABI uses: strings, positions, sinks, status codes.
//
// Rules of the whole ABI:
// - Strings are {pointer, length}, UTF-8, and not NUL-terminated. An empty string may have a null pointer.
// - A pointer given to a call dies when the call returns, unless its comment says otherwise.
// - All variable output goes through an sc_sink: nobody frees what the other side allocated.
// - Structs with a leading `size` may grow at their end in a later minor version; the side that fills one in
//   sets `size` to sizeof its own definition, the reader looks at no member beyond it.
// - Each function names the role of the thread it is called on in brackets: [main], [lane], [shard], [source],
//   [append], or [any] for "any thread, also several at once".
// - Host functions never block and never call back into the plugin.
// - Nothing is thrown across: a plugin function reports failure by its status.
#ifndef STATECAST_ABI_BASE_H
#define STATECAST_ABI_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The ABI's major number. It is also in the name of the entry symbol (see entry.h).
#define SC_ABI_VERSION 1u

// UTF-8 text or raw bytes. Frozen: has no size member and never grows.
typedef struct sc_str {
  const char *p;
  size_t n;  // bytes
} sc_str;

// A place in a source, ordered by (hi, lo, ord) within one partition. The source says what hi and lo mean: a sequence
// number in hi for the embedded log, milliseconds and sequence for a Redis stream, the offset in hi for Kafka.
// `ord` numbers the messages that one event makes, from 0. All zero is "before the first event". Frozen.
typedef struct sc_pos {
  uint64_t hi, lo;
  uint32_t partition, ord;
} sc_pos;

// Where a callee writes its variable output. `write` may be called several times; the pieces are joined.
// Valid during the call that it is handed to. [the thread of that call]
typedef struct sc_sink {
  uint32_t size;
  void *ctx;
  void (*write)(void *ctx, const void *p, size_t n);
} sc_sink;

// What a call came to. A reader treats a code that it does not know as SC_FAILED.
typedef int32_t sc_status;
#define SC_OK 0           // done
#define SC_REJECTED 1     // the input is wrong; asking again gives the same answer
#define SC_RETRY 2        // not now; ask again later
#define SC_DENIED 3       // this client may not
#define SC_UNKNOWN 4      // no such thing (topic, key, view), or none that may be told of
#define SC_TIMEOUT 5      // the deadline passed with nothing to report
#define SC_BUSY 6         // a bound was reached
#define SC_GONE 7         // it was there and is no longer (trimmed history)
#define SC_UNSUPPORTED 8  // this implementation cannot
#define SC_FAILED 9       // the callee broke; the error sink says how

// A function of unknown signature, for extensions.
typedef void (*sc_fn)(void);

#ifdef __cplusplus
}
#endif

#endif
