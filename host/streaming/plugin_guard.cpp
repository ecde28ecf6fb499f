#include "host/streaming/plugin_guard.hpp"

#include "host/ops/log.hpp"

namespace statecast::host {

std::uint64_t PluginGuard::failures() const {
  std::uint64_t sum = 0;
  for (const PluginCalls& function : calls_) sum += function.failures.value();
  return sum;
}

void PluginGuard::on_failure(PluginFunction function, std::string_view text) {
  calls_[function.number()].failures.add();
  log::error(instance_, std::string(function.name()) + " failed: " + std::string(text.empty() ? "no reason given" : text));
}

}  // namespace statecast::host
