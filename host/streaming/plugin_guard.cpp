#include "host/streaming/plugin_guard.hpp"

#include "host/ops/log.hpp"

namespace statecast::host {

void PluginGuard::on_failure(const char* function, std::string_view text) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  log::error(instance_, std::string(function) + " failed: " + std::string(text.empty() ? "no reason given" : text));
}

}  // namespace statecast::host
