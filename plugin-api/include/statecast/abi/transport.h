// A Transport speaks one protocol to clients, without I/O: the host owns sockets, TLS, time-outs, limits and
// backpressure. The Transport turns requests into commands, and messages into bytes.
//
// An encoding is a number that indexes the manifest's `encodings`. All sessions of one encoding share the bytes that
// `encode` made, so encode and heartbeat are pure: the same input gives the same bytes, on any thread. What differs per
// session goes around the shared bytes by `envelope`. A session without memory of its own may stay null.
#ifndef STATECAST_ABI_TRANSPORT_H
#define STATECAST_ABI_TRANSPORT_H

#include "state.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SC_MESSAGE_DATA 0u     // a State's message
#define SC_MESSAGE_CONTROL 1u  // the host's own word in-band: connected, reset, dropped, closing, ...
#define SC_MESSAGE_CURSOR 2u   // only moves the client's cursor: `json` is empty

typedef struct sc_message {
  uint32_t size, kind;  // SC_MESSAGE_*
  sc_str json;          // one JSON object
  sc_str cursor;        // from where a client resumes after this message; empty = this message does not move it
  sc_str topic;         // empty in shared frames
} sc_message;

// Why the host closes a session.
#define SC_CLOSE_GONE 0u      // the client is gone already: no bytes can reach it
#define SC_CLOSE_SHUTDOWN 1u  // the host stops
#define SC_CLOSE_ENDED 2u     // nothing more will come on any of the session's topics
#define SC_CLOSE_SLOW 3u      // the client does not read what it is sent
#define SC_CLOSE_PROTOCOL 4u  // the client broke the protocol; text says how
#define SC_CLOSE_EXPIRED 5u   // the session reached its greatest age
#define SC_CLOSE_ERROR 6u     // the host or a plugin failed

// What a session may ask of the host. Valid during the call that it is handed to. `ref` is the session's own number
// for the request; the host gives it back to `answer`. Nothing is answered within the call. [shard]
typedef struct sc_commands {
  uint32_t size;
  void *ctx;
  void (*subscribe)(void *ctx, uint64_t ref, sc_str topic, sc_str cursor);  // empty cursor = from now; needs `upgrade`
  void (*unsubscribe)(void *ctx, uint64_t ref, sc_str topic);
  void (*publish)(void *ctx, uint64_t ref, sc_str cloud_event_json);
  void (*renew)(void *ctx, uint64_t ref, sc_str token);
  void (*pong)(void *ctx);                                    // the client answered a heartbeat
  void (*close)(void *ctx, uint32_t code, sc_str reason);     // close the session after the reply is written
} sc_commands;

typedef struct sc_transport {
  uint32_t size;

  // Makes an instance. OK sets *self; anything else leaves it alone and says why in err. [main]
  sc_status (*create)(const sc_host *host, const sc_instance *instance, void **self, const sc_sink *err);

  // Frees the instance. All its sessions are closed. [main]
  void (*destroy)(void *self);

  // A request for this transport came in. OK accepts it: *session may be set (a pointer-sized slot that the host
  // keeps), *encoding names the encoding. REJECTED = the request is malformed (400), UNSUPPORTED = it speaks another
  // version (426), err says why. No bytes are written yet. [shard]
  sc_status (*open)(void *self, const sc_client *client, void **session, uint32_t *encoding, const sc_commands *commands,
                    const sc_sink *err);

  // Writes the status line and headers, once every topic asked for in the request is admitted. [shard]
  sc_status (*head)(void *self, void **session, const sc_sink *out);

  // Takes bytes from the client, in any pieces. Commands go to `commands`, protocol replies (a pong) to `reply`.
  // REJECTED = the client broke the protocol: the host closes the session with SC_CLOSE_PROTOCOL and err as text. [shard]
  sc_status (*decode)(void *self, void **session, sc_str in, const sc_commands *commands, const sc_sink *reply,
                      const sc_sink *err);

  // Answers the request `ref`. `json` is an object with the result, or with `status`, `title` and `detail` when the
  // status is not OK. [shard]
  sc_status (*answer)(void *self, void **session, uint64_t ref, sc_status status, sc_str json, const sc_sink *out);

  // Writes the bytes of one message in one encoding. Pure. [any]
  sc_status (*encode)(void *self, uint32_t encoding, const sc_message *message, const sc_sink *out, const sc_sink *err);

  // Writes what goes before and after a shared body of `body` bytes for this session. Null = nothing ever does. [shard]
  sc_status (*envelope)(void *self, void **session, const sc_message *message, size_t body, const sc_sink *before,
                        const sc_sink *after);

  // Writes the bytes that keep an idle session alive. Pure. [any]
  sc_status (*heartbeat)(void *self, uint32_t encoding, const sc_sink *out);

  // Ends a session and frees what *session holds. Unless the reason is SC_CLOSE_GONE, last_bytes are sent before the
  // socket closes. retry_ms is when the client should come back, 0 = not said. [shard]
  void (*close)(void *self, void **session, uint32_t reason, sc_str text, uint32_t retry_ms, const sc_sink *last_bytes);

  // Returns the plugin's side of the extension "statecast.<name>/<revision>", or null. May itself be null. [main]
  const void *(*get_extension)(void *self, sc_str id);
} sc_transport;

#ifdef __cplusplus
}
#endif

#endif
