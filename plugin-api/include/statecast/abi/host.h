// What the host offers to an instance, and what it tells it at creation.
//
// Each instance gets an sc_host of its own. It stays valid until the instance's `destroy` returns.
#ifndef STATECAST_ABI_HOST_H
#define STATECAST_ABI_HOST_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SC_LOG_DEBUG 0u
#define SC_LOG_INFO 1u
#define SC_LOG_WARNING 2u
#define SC_LOG_ERROR 3u

#define SC_METRIC_COUNTER 0u
#define SC_METRIC_GAUGE 1u

typedef struct sc_host {
  uint32_t size, abi;  // abi: SC_ABI_VERSION of the host
  void *ctx;           // given back as the first argument

  // Writes one line to the host's log under the instance's id. [any]
  void (*log)(void *ctx, uint32_t level, sc_str text);

  // Wall clock, microseconds since 1970-01-01 UTC: as the machine has it, so it may jump, forward or back. A test
  // drives it. [any]
  int64_t (*now_us)(void *ctx);

  // Monotonic clock, nanoseconds since an arbitrary moment. [any]
  int64_t (*mono_ns)(void *ctx);

  // Declares a metric and returns its number for metric_add. `unit` may be empty. During create only. [main]
  uint32_t (*metric)(void *ctx, uint32_t kind, sc_str name, sc_str help, sc_str unit);

  // Adds v (for a gauge, a negative v lowers it). Never blocks. [any]
  void (*metric_add)(void *ctx, uint32_t metric, double v);

  // Asks for refresh (State) soon, before the next tick. Several calls before it runs count as one. [any]
  void (*wake)(void *ctx);

  // Returns the host's side of the extension "statecast.<name>/<revision>", or null. [main]
  const void *(*get_extension)(void *ctx, sc_str id);

  // The wall clock's time such that what has it or an earlier one, of an event or of refresh, has been there for age_us
  // (microseconds) at least, however the clock jumped meanwhile; never more than refresh's time less age_us. By it is
  // judged what is evicted for its age: what goes too early cannot come back. There when `size` says so. [any]
  int64_t (*aged_us)(void *ctx, int64_t age_us);
} sc_host;

typedef struct sc_instance {
  uint32_t size;
  sc_str id;             // the key under which the configuration names this instance
  sc_str settings;       // JSON object: defaults filled in, durations in ms, sizes in bytes, secrets resolved
  uint32_t lane, lanes;  // this is partition `lane` of `lanes`; 0 of 1 for transports and sources
} sc_instance;

#ifdef __cplusplus
}
#endif

#endif
