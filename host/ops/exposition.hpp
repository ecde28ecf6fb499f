// One page of metrics in the Prometheus text format, version 0.0.4: families of samples, in the order in which they were
// opened. Made anew for each scrape by whoever serves it. The library that writes the format is known to the source file
// alone.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "host/ops/histogram.hpp"

namespace statecast::host {

class Exposition {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  enum class Type { kCounter, kGauge, kHistogram };

  // The samples of one name. A histogram takes durations, shown in seconds; the others take numbers.
  class Family {
   public:
    void add(Labels labels, double value) { samples_.push_back({std::move(labels), value, {}}); }
    void add(Labels labels, const Histogram::Snapshot& times) { samples_.push_back({std::move(labels), 0, times}); }

   private:
    friend class Exposition;
    struct Sample {
      Labels labels;
      double value;
      Histogram::Snapshot times;
    };
    std::string name_, help_;
    Type type_ = Type::kGauge;
    std::vector<Sample> samples_;
  };

  // Opens a family; each name once. It lives as long as the page.
  Family& counter(std::string name, std::string help) { return open(std::move(name), std::move(help), Type::kCounter); }
  Family& gauge(std::string name, std::string help) { return open(std::move(name), std::move(help), Type::kGauge); }
  Family& histogram(std::string name, std::string help) { return open(std::move(name), std::move(help), Type::kHistogram); }

  // The page; families without samples are left out.
  std::string text() const;
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  Family& open(std::string name, std::string help, Type type);

  std::deque<Family> families_;
};

}  // namespace statecast::host
