#include <statecast/plugin.hpp>

#include "plugins/transports/websocket/websocket_transport.hpp"

namespace {

constexpr const char* kManifest = R"({
  "settings": {
    "type": "object",
    "properties": {
      "max_message": {
        "type": "integer", "format": "size", "default": 65536, "minimum": 1024, "maximum": 16777216,
        "description": "The greatest message that a client may send, all its fragments together."
      }
    }
  },
  "encodings": [{"name": "text", "bare": 1}, {"name": "bare", "bare": 1}],
  "routes": [{"path": "/ws"}],
  "upgrade": "websocket",
  "heartbeat_answered": true
})";

}  // namespace

STATECAST_PLUGINS("statecast", "0.1.0",
                  statecast::transport<statecast::websocket::WebSocketTransport>(
                      "websocket", "1.0.0", "WebSocket: one connection, many topics, JSON both ways", kManifest));
