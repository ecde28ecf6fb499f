// A WindowState of one-minute windows that close ten seconds after their end, and events of a day that its tests write
// in one line. Owned by a test.
#pragma once

#include <gtest/gtest.h>

#include <statecast/rfc3339.hpp>
#include <statecast/testkit.hpp>
#include <string>

#include "plugins/states/window/window_state.hpp"

namespace statecast::window {

inline constexpr const char* kStaffClaims = R"({"sub":"s-1","roles":["staff"]})";

// "12:00:30" of the day on which all tests play.
inline std::int64_t at(const std::string& clock) { return parse_rfc3339("2023-12-20T" + clock + "Z").value(); }

// The result of the minute that begins at "12:00"; `more` is what follows in the object.
inline std::string result(const std::string& minute, const std::string& total_and_types, const std::string& more = "",
                          const std::string& group = "") {
  const std::string end = format_rfc3339(at(minute + ":00") + 60'000'000);
  return R"({"type":"window",)" + group + R"("window_start":"2023-12-20T)" + minute + R"(:00.000Z","window_end":")" +
         end + R"(","total_events":)" + total_and_types + more + "}";
}
inline std::string counted(int total, const std::string& types) {
  return std::to_string(total) + R"(,"event_types":{)" + types + "}";
}

class WindowTest : public ::testing::Test {
 protected:
  static const sc_state& table() { return testkit::state_table<WindowState>(); }

  static testkit::OwnedEvent event(const std::string& clock, std::string type = "A", std::string data = "{}") {
    return {.type = std::move(type), .subject = "x-1", .data = std::move(data), .time_us = at(clock)};
  }

  // The messages that these events append, in order.
  static std::vector<std::string> results(testkit::StateKit& windows, std::vector<testkit::OwnedEvent> events) {
    std::vector<std::string> messages;
    for (const testkit::Change& change : windows.apply(std::move(events)).changes)
      if (change.what == "appended") messages.push_back(change.json);
    return messages;
  }
  std::vector<std::string> results(std::vector<testkit::OwnedEvent> events) {
    return results(windows_, std::move(events));
  }

  using Results = std::vector<std::string>;
  testkit::StateKit windows_{table(), "{}"};
};

}  // namespace statecast::window
