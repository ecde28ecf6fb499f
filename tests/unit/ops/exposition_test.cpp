#include "host/ops/exposition.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

TEST(Exposition, WritesCountersAndGauges) {
  Exposition page;
  auto& sent = page.counter("sent_total", "What was sent.");
  auto& open = page.gauge("open", "What is open.");
  sent.add({{"transport", "sse"}, {"reason", "a \"b\" \\ c"}}, 3);
  sent.add({{"transport", "ws"}}, 12'345'678'901);
  open.add({}, 0.25);
  EXPECT_EQ(page.text(),
            "# HELP sent_total What was sent.\n"
            "# TYPE sent_total counter\n"
            "sent_total{transport=\"sse\",reason=\"a \\\"b\\\" \\\\ c\"} 3\n"
            "sent_total{transport=\"ws\"} 12345678901\n"
            "# HELP open What is open.\n"
            "# TYPE open gauge\n"
            "open 0.25\n");
}

TEST(Exposition, WritesAHistogramInSecondsAndCumulative) {
  Histogram histogram;
  for (const auto ns : std::initializer_list<std::int64_t>{900, 3'000, 3'000, 5'000'000'000}) histogram.observe(ns);
  Exposition page;
  page.histogram("call_seconds", "Calls.").add({{"function", "apply"}}, histogram.snapshot());
  std::string expected = "# HELP call_seconds Calls.\n# TYPE call_seconds histogram\n"
                         "call_seconds_count{function=\"apply\"} 4\ncall_seconds_sum{function=\"apply\"} 5.0000069\n"
                         "call_seconds_bucket{function=\"apply\",le=\"1e-06\"} 1\n";
  for (const char* bound : {"4e-06", "1.6e-05", "6.4e-05", "0.000256", "0.001", "0.004", "0.016", "0.064", "0.256", "1", "4"})
    expected += std::string("call_seconds_bucket{function=\"apply\",le=\"") + bound + "\"} 3\n";
  expected += "call_seconds_bucket{function=\"apply\",le=\"+Inf\"} 4\n";
  EXPECT_EQ(page.text(), expected);
}

TEST(Exposition, LetsNoHelpTextBeginALine) {
  Exposition page;
  page.gauge("open", "One\nopen 99\r\\").add({}, 1);
  EXPECT_EQ(page.text(), "# HELP open One open 99 \\\\\n# TYPE open gauge\nopen 1\n");
}

TEST(Exposition, LeavesOutAFamilyWithoutSamples) {
  Exposition page;
  page.gauge("open", "What is open.");
  EXPECT_EQ(page.text(), "");
}

}  // namespace
}  // namespace statecast::host
