// What the host reports of its plugins, gathered for one page: how their calls went, over all threads that call an
// instance, and what the instances count themselves, over all partitions of a State.
//
// Made for one scrape, filled, shown. [any one thread]
#pragma once

#include <array>
#include <map>
#include <string>

#include "host/ops/exposition.hpp"
#include "host/streaming/instances.hpp"

namespace statecast::host {

class PluginMetrics {
 public:
  // An instance, once for each partition; also takes what its own guard counted.
  template <class Table>
  void add(const PluginInstance<Table>& instance) {
    add_instance(instance.plugin(), instance.id(), instance.services());
    add(instance.plugin().kind, instance.guard());
  }
  // Calls that another guard than the instance's own saw.
  void add(std::uint32_t kind, const PluginGuard& guard);

  void show(Exposition& page) const;

 private:
  using Instance = std::pair<std::string, std::string>;  // kind and id
  struct Calls {
    Histogram::Snapshot times;
    std::uint64_t failures = 0;
  };
  struct Own {
    std::string help;
    bool counter = false;
    std::map<Instance, double> values;
  };

  void add_instance(const Plugin& plugin, const std::string& id, const HostServices& services);
  void show_calls(Exposition& page) const;

  std::map<Instance, const Plugin*> instances_;
  std::map<Instance, std::array<Calls, kPluginFunctions.size()>> calls_;
  std::map<std::string, Own> own_;  // by name on the page
};

// The name under which a plugin's metric is shown: statecast_plugin_<name>[_<unit>][_total], in the letters that
// Prometheus takes. Only counters end in _total.
std::string plugin_metric_name(const HostServices::Metric& metric);

}  // namespace statecast::host
