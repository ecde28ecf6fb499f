// What the host reports of sources, lanes and the appender: reads their counters, waits for nobody.
#pragma once

#include "host/ops/exposition.hpp"
#include "host/streaming/plugin_metrics.hpp"
#include "host/streaming/stream_service.hpp"

namespace statecast::host {

// Shows what is above the shards, and notes what its guards and instances count. [any]
void show_stream_metrics(const StreamService& service, const Clock& clock, Exposition& page, PluginMetrics& plugins);

}  // namespace statecast::host
