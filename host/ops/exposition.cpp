#include "host/ops/exposition.hpp"

#include <prometheus/text_serializer.h>

#include <limits>

namespace statecast::host {

namespace {

// Divided, since 4000 / 1e9 is the double that reads "4e-06", and 4000 * 1e-9 is not.
double seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }

// The serializer writes a help text as it is: a line break in one would begin a line of its own.
std::string escaped_help(const std::string& help) {
  std::string out;
  for (const char c : help) {
    if (c == '\\') out += "\\\\";
    else out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

prometheus::ClientMetric::Histogram histogram_of(const Histogram::Snapshot& times) {
  prometheus::ClientMetric::Histogram out;
  for (std::size_t i = 0; i < times.buckets.size(); ++i) {
    out.sample_count += times.buckets[i];
    const bool last = i == Histogram::kBounds.size();
    const double bound = last ? std::numeric_limits<double>::infinity() : seconds(static_cast<std::uint64_t>(Histogram::kBounds[i]));
    out.bucket.push_back({out.sample_count, bound});
  }
  out.sample_sum = seconds(times.sum_ns);
  return out;
}

prometheus::MetricType type_of(Exposition::Type type) {
  switch (type) {
    case Exposition::Type::kCounter: return prometheus::MetricType::Counter;
    case Exposition::Type::kGauge: return prometheus::MetricType::Gauge;
    case Exposition::Type::kHistogram: return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

}  // namespace

Exposition::Family& Exposition::open(std::string name, std::string help, Type type) {
  Family& family = families_.emplace_back();
  family.name_ = std::move(name);
  family.help_ = std::move(help);
  family.type_ = type;
  return family;
}

std::string Exposition::text() const {
  std::vector<prometheus::MetricFamily> out;
  for (const Family& family : families_) {
    if (family.samples_.empty()) continue;
    auto& made = out.emplace_back(prometheus::MetricFamily{family.name_, escaped_help(family.help_), type_of(family.type_), {}});
    for (const Family::Sample& sample : family.samples_) {
      prometheus::ClientMetric& metric = made.metric.emplace_back();
      for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
      metric.counter.value = metric.gauge.value = sample.value;
      if (family.type_ == Type::kHistogram) metric.histogram = histogram_of(sample.times);
    }
  }
  return static_cast<const prometheus::Serializer&>(prometheus::TextSerializer()).Serialize(out);
}

}  // namespace statecast::host
