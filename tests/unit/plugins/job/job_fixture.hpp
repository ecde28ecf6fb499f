// A JobState, and the updates of nodes that its tests write in one line. Owned by a test.
#pragma once

#include <gtest/gtest.h>

#include <statecast/testkit.hpp>
#include <string>

#include "plugins/states/job/job_state.hpp"

namespace statecast::job {

inline constexpr const char* kBusy = R"({"status":"busy","state":{"job":"j-1","step":"3"}})";
inline constexpr const char* kIdle = R"({"status":"idle","state":{}})";

class JobTest : public ::testing::Test {
 protected:
  static const sc_state& table() { return testkit::state_table<JobState>(); }

  // At 1,700,000,000,000 milliseconds.
  static testkit::OwnedEvent event(std::string node, std::string data = kBusy) {
    return {.type = "NodeStateUpdated", .subject = std::move(node), .data = std::move(data)};
  }
  testkit::Reported update(std::string node, std::string data = kBusy) {
    return nodes_.apply({event(std::move(node), std::move(data))});
  }

  // What is appended to nodes/<node> and jobs/all, and to jobs/<job> where there is one.
  static std::string message(const std::string& node, const std::string& fields, int index,
                             const std::string& more = "") {
    return R"({"type":"state_update","node":")" + node + "\"," + fields + R"(,"timestamp":1700000000000,"index":)" +
           std::to_string(index) + more + "}";
  }
  static std::string busy(const std::string& node, int index) {
    return message(node, R"("status":"busy","state":{"job":"j-1","step":"3"})", index);
  }

  // The messages that these events append, in order.
  static std::vector<std::string> messages(const testkit::Reported& reported) {
    std::vector<std::string> all;
    for (const testkit::Change& change : reported.changes)
      if (change.what == "appended") all.push_back(change.json);
    return all;
  }

  using Messages = std::vector<std::string>;
  testkit::StateKit nodes_{table(), "{}"};
};

}  // namespace statecast::job
