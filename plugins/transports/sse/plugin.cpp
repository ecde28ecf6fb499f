#include <statecast/plugin.hpp>

#include "plugins/transports/sse/sse_transport.hpp"

namespace {

constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "properties": {
      "retry": {
        "type": "integer", "format": "duration", "default": 2000, "minimum": 1,
        "description": "How long a client waits before it reconnects after it lost the stream."
      }
    }
  },
  "encodings": [{"name": "plain", "bare": 1}, {"name": "bare", "bare": 1}],
  "routes": [
    {"path": "/api/v1/realtime/orders/{id}/stream", "topic": "orders/{id}"},
    {"path": "/api/v1/realtime/runs/{id}/stream", "topic": "runs/{id}"},
    {"path": "/api/v1/realtime/drivers/{id}/location", "topic": "drivers/{id}"},
    {"path": "/api/v1/realtime/merchants/{id}/stream", "topic": "merchants/{id}"},
    {"path": "/api/v1/stream"}
  ]
})";

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::transport<statecast::sse::SseTransport>(
                      "sse", "1.0.0", "Server-Sent Events: what EventSource and curl -N read", kManifest));
