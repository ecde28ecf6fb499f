#include "host/streaming/plugin_metrics.hpp"

#include <algorithm>

namespace statecast::host {

namespace {

constexpr std::string_view kTotal = "_total";

std::string letters(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(
      out, [](char c) { return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')); }, '_');
  return out;
}

Exposition::Labels labels_of(const std::pair<std::string, std::string>& instance) {
  return {{"kind", instance.first}, {"instance", instance.second}};
}

}  // namespace

std::string plugin_metric_name(const HostServices::Metric& metric) {
  std::string name = letters(metric.name);
  if (name.ends_with(kTotal)) name.resize(name.size() - kTotal.size());
  const std::string unit = letters(metric.unit);
  if (!unit.empty() && name != unit && !name.ends_with("_" + unit)) name += "_" + unit;
  if (metric.kind == SC_METRIC_COUNTER) name += kTotal;
  return "statecast_plugin_" + name;
}

void PluginMetrics::add(std::uint32_t kind, const PluginGuard& guard) {
  auto& sums = calls_[{std::string(kind_name(kind)), guard.instance()}];
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i].times += guard.calls()[i].times.snapshot();
    sums[i].failures += guard.calls()[i].failures.value();
  }
}

void PluginMetrics::add_instance(const Plugin& plugin, const std::string& id, const HostServices& services) {
  const Instance instance{std::string(kind_name(plugin.kind)), id};
  instances_.emplace(instance, &plugin);
  for (std::uint32_t i = 0; i < services.metric_count(); ++i) {
    const HostServices::Metric& metric = services.metric(i);
    Own& own = own_[plugin_metric_name(metric)];
    if (own.values.empty()) own.help = metric.help.empty() ? "A metric of the plugin " + plugin.id + "." : metric.help;
    own.counter = metric.kind == SC_METRIC_COUNTER;
    own.values[instance] += metric.value.load(std::memory_order_relaxed);
  }
}

void PluginMetrics::show(Exposition& page) const {
  auto& info = page.gauge("statecast_instance_info", "Always 1: which plugin runs under which id.");
  for (const auto& [instance, plugin] : instances_) {
    auto labels = labels_of(instance);
    labels.emplace_back("plugin", plugin->id);
    labels.emplace_back("version", plugin->version);
    info.add(std::move(labels), 1);
  }
  show_calls(page);
  for (const auto& [name, own] : own_) {
    auto& family = own.counter ? page.counter(name, own.help) : page.gauge(name, own.help);
    for (const auto& [instance, value] : own.values) family.add(labels_of(instance), value);
  }
}

void PluginMetrics::show_calls(Exposition& page) const {
  auto& times = page.histogram("statecast_call_seconds",
                               "How long calls of plugin functions took. That of poll is mostly waiting for events.");
  auto& failures = page.counter("statecast_call_failures_total", "Calls of plugin functions that failed.");
  for (const auto& [instance, functions] : calls_) {
    for (std::size_t i = 0; i < functions.size(); ++i) {
      if (functions[i].times.count() == 0) continue;
      auto labels = labels_of(instance);
      labels.emplace_back("function", kPluginFunctions[i]);
      failures.add(labels, static_cast<double>(functions[i].failures));
      times.add(std::move(labels), functions[i].times);
    }
  }
}

}  // namespace statecast::host
