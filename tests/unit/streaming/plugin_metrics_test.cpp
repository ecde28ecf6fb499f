#include "host/streaming/plugin_metrics.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace statecast::host {
namespace {

class ManualClock : public Clock {
 public:
  std::int64_t mono_ns() const override { return now_ns; }
  std::int64_t now_ns = 0;
};

// ---- the guard's counts

TEST(PluginGuard, TimesEachFunctionOnItsOwn) {
  ManualClock clock;
  PluginGuard guard("orders", clock);
  const auto calling = [&](std::int64_t ns, sc_status status) {
    return [&clock, ns, status](const sc_sink*) { return clock.now_ns += ns, status; };
  };
  guard("apply", calling(2'000, SC_OK));
  guard("apply", calling(3'000'000, SC_FAILED));
  guard("render", calling(100, SC_UNKNOWN));
  const auto& apply = guard.calls()[PluginFunction("apply").number()];
  EXPECT_EQ(apply.times.snapshot().buckets[1], 1u);
  EXPECT_EQ(apply.times.snapshot().count(), 2u);
  EXPECT_EQ(apply.times.snapshot().sum_ns, 3'002'000u);
  EXPECT_EQ(apply.failures.value(), 1u);
  const auto& render = guard.calls()[PluginFunction("render").number()];
  EXPECT_EQ(render.times.snapshot().count(), 1u);
  EXPECT_EQ(render.failures.value(), 0u) << "a key that a view does not see is no failure";
  EXPECT_EQ(guard.failures(), 1u);
}

// ---- names

std::string name_of(std::string name, std::string unit, std::uint32_t kind) {
  HostServices::Metric metric;
  metric.name = std::move(name);
  metric.unit = std::move(unit);
  metric.kind = kind;
  return plugin_metric_name(metric);
}

TEST(PluginMetricName, EndsInUnitAndTotal) {
  EXPECT_EQ(name_of("reads", "", SC_METRIC_COUNTER), "statecast_plugin_reads_total");
  EXPECT_EQ(name_of("reads_total", "", SC_METRIC_COUNTER), "statecast_plugin_reads_total");
  EXPECT_EQ(name_of("read", "bytes", SC_METRIC_COUNTER), "statecast_plugin_read_bytes_total");
  EXPECT_EQ(name_of("read_bytes", "bytes", SC_METRIC_COUNTER), "statecast_plugin_read_bytes_total");
  EXPECT_EQ(name_of("age", "seconds", SC_METRIC_GAUGE), "statecast_plugin_age_seconds");
  EXPECT_EQ(name_of("bytes", "bytes", SC_METRIC_GAUGE), "statecast_plugin_bytes");
  EXPECT_EQ(name_of("open_total", "", SC_METRIC_GAUGE), "statecast_plugin_open") << "else it could meet a counter's name";
}

TEST(PluginMetricName, HasOnlyLettersThatPrometheusTakes) {
  EXPECT_EQ(name_of("disk-reads/s {x}\n\xc3\xa9", "m:s", SC_METRIC_GAUGE), "statecast_plugin_disk_reads_s__x_____m_s");
}

// ---- the page

const sc_host* last_host = nullptr;
int dummy;

sc_state declaring_table() {
  sc_state table{};
  table.size = sizeof table;
  table.create = [](const sc_host* host, const sc_instance*, void** self, const sc_sink*) {
    last_host = host;
    host->metric(host->ctx, SC_METRIC_COUNTER, str("cache.hits"), str("Hits."), str(""));
    host->metric(host->ctx, SC_METRIC_GAUGE, str("cached"), str(""), str("bytes"));
    *self = &dummy;
    return sc_status{SC_OK};
  };
  table.destroy = [](void*) {};
  return table;
}

class PluginMetricsTest : public testing::Test {
 protected:
  PluginMetricsTest() {
    plugin_.kind = SC_KIND_STATE;
    plugin_.id = "acme";
    plugin_.version = "1.2.3";
    plugin_.functions = &table_;
  }
  std::unique_ptr<StateInstance> make(const std::string& id) {
    InstanceOptions options;
    options.id = id;
    options.clock = &clock_;
    return *StateInstance::create(plugin_, options);
  }
  // The lines of the page that tell values of this metric.
  static std::string lines(const PluginMetrics& metrics, const std::string& of) {
    Exposition page;
    metrics.show(page);
    std::istringstream all(page.text());
    std::string out;
    for (std::string line; std::getline(all, line);)
      if (line.starts_with(of)) out += line + "\n";
    return out;
  }

  ManualClock clock_;
  const sc_state table_ = declaring_table();
  Plugin plugin_;
};

TEST_F(PluginMetricsTest, SumsAnInstanceOverItsPartitions) {
  const auto one = make("orders");
  last_host->metric_add(last_host->ctx, 0, 2);
  const auto other = make("orders");
  last_host->metric_add(last_host->ctx, 0, 3);
  last_host->metric_add(last_host->ctx, 1, 100);
  last_host->metric_add(last_host->ctx, 1, -40);
  PluginMetrics metrics;
  metrics.add(*one);
  metrics.add(*other);
  EXPECT_EQ(lines(metrics, "statecast_plugin_"),
            "statecast_plugin_cache_hits_total{kind=\"state\",instance=\"orders\"} 5\n"
            "statecast_plugin_cached_bytes{kind=\"state\",instance=\"orders\"} 60\n");
  EXPECT_EQ(lines(metrics, "statecast_instance_info"),
            "statecast_instance_info{kind=\"state\",instance=\"orders\",plugin=\"acme\",version=\"1.2.3\"} 1\n");
  EXPECT_EQ(lines(metrics, "statecast_call_seconds_count"),
            "statecast_call_seconds_count{kind=\"state\",instance=\"orders\",function=\"create\"} 2\n");
  EXPECT_EQ(lines(metrics, "# HELP statecast_plugin_"),
            "# HELP statecast_plugin_cache_hits_total Hits.\n"
            "# HELP statecast_plugin_cached_bytes A metric of the plugin acme.\n");
}

TEST_F(PluginMetricsTest, AddsWhatOtherGuardsOfAnInstanceSaw) {
  PluginGuard lane("sse", clock_), shard("sse", clock_);
  lane("encode", [](const sc_sink*) { return SC_OK; });
  shard("encode", [](const sc_sink*) { return SC_FAILED; });
  PluginMetrics metrics;
  metrics.add(SC_KIND_TRANSPORT, lane);
  metrics.add(SC_KIND_TRANSPORT, shard);
  EXPECT_EQ(lines(metrics, "statecast_call_seconds_count"),
            "statecast_call_seconds_count{kind=\"transport\",instance=\"sse\",function=\"encode\"} 2\n");
  EXPECT_EQ(lines(metrics, "statecast_call_failures_total"),
            "statecast_call_failures_total{kind=\"transport\",instance=\"sse\",function=\"encode\"} 1\n");
}

TEST_F(PluginMetricsTest, DoesNotLetACounterFall) {
  const auto one = make("orders");
  for (const double v : {4.0, -3.0, std::numeric_limits<double>::quiet_NaN(), 1.0}) last_host->metric_add(last_host->ctx, 0, v);
  last_host->metric_add(last_host->ctx, 2, 1);  // was never declared
  EXPECT_EQ(one->services().metric(0).value.load(), 5.0);
}

TEST_F(PluginMetricsTest, TakesNoMoreThan64MetricsOfAnInstance) {
  const auto one = make("orders");
  const auto declare = [](int i) { return last_host->metric(last_host->ctx, SC_METRIC_GAUGE, str("m" + std::to_string(i)), str(""), str("")); };
  for (std::uint32_t i = 2; i < 64; ++i) EXPECT_EQ(declare(static_cast<int>(i)), i);
  EXPECT_EQ(declare(64), 64u);
  last_host->metric_add(last_host->ctx, 64, 1);
  EXPECT_EQ(one->services().metric_count(), 64u);
  EXPECT_EQ(declare(5), 5u) << "declared before";
}

}  // namespace
}  // namespace statecast::host
