// What a platform has to tell, for tests that read along.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <statecast/testkit.hpp>
#include <string>
#include <string_view>

#include "plugins/sources/simulator/simulator_source.hpp"

namespace statecast::simulator {

inline constexpr std::int64_t kStartUs = 1'703'073'600'000'000;  // 2023-12-20T12:00:00Z

// A platform with enough drivers for its orders; it ends after `orders`.
inline std::string settings_for(std::int64_t orders, const nlohmann::json& more = nlohmann::json::object()) {
  nlohmann::json settings = {{"orders", orders},   {"rate", 60},
                             {"drivers", 200},     {"merchants", 20},
                             {"customers", 200},   {"location_interval", 30'000},
                             {"pace", 0},          {"seed", 7},
                             {"start", "2023-12-20T12:00:00Z"}};
  settings.update(more);
  return settings.dump();
}

inline std::unique_ptr<testkit::SourceKit> simulator(const std::string& settings) {
  auto kit = std::make_unique<testkit::SourceKit>(testkit::source_table<SimulatorSource>(), settings);
  EXPECT_TRUE(kit->creation().ok()) << kit->creation().text;
  return kit;
}

// Hands each event of a platform that plays as fast as possible to `see`, with its data parsed; returns how many.
template <class See>
std::size_t follow(const std::string& settings, See&& see) {
  const auto source = simulator(settings);
  auto reader = source->open_reader();
  std::size_t count = 0;
  for (;;) {
    const testkit::Polled polled = reader.poll(1'000, std::chrono::milliseconds(0));
    if (!polled.outcome.ok()) {
      EXPECT_EQ(polled.outcome, (testkit::Outcome{SC_TIMEOUT, ""}));
      return count;
    }
    count += polled.events.size();
    for (const testkit::OwnedEvent& event : polled.events) see(event, nlohmann::json::parse(event.data));
  }
}

}  // namespace statecast::simulator
