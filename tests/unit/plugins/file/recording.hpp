// A recording in a file of its own, and a source that replays it. Owned by a test.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <statecast/rfc3339.hpp>
#include <statecast/testkit.hpp>
#include <string>

#include "plugins/sources/file/file_source.hpp"

namespace statecast::file {

inline constexpr std::int64_t kRecordedUs = 1'703'082'900'000'000;  // 2023-12-20T14:35:00Z

// The line of an event that was recorded so many seconds after the first.
inline std::string line(const std::string& id, double seconds = 0) {
  const std::string time = format_rfc3339(kRecordedUs + static_cast<std::int64_t>(seconds * 1e6));
  return R"({"specversion":"1.0","id":")" + id + R"(","source":"/shop","type":"A","subject":"s","time":")" + time +
         R"(","data":{"n":1}})";
}

class RecordingTest : public ::testing::Test {
 protected:
  RecordingTest() {
    std::string name = (std::filesystem::temp_directory_path() / "statecast-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~RecordingTest() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return (folder_ / "recording.ndjson").string(); }
  void record(const std::string& text) { std::ofstream(path(), std::ios::binary) << text; }

  std::unique_ptr<testkit::SourceKit> source(double pace = 0) {
    const nlohmann::json settings = {{"path", path()}, {"pace", pace}};
    auto kit = std::make_unique<testkit::SourceKit>(testkit::source_table<FileSource>(), settings.dump());
    EXPECT_TRUE(kit->creation().ok()) << kit->creation().text;
    return kit;
  }

  // What a reader has to tell right now.
  static std::vector<testkit::OwnedEvent> all(testkit::ReaderKit& reader) {
    std::vector<testkit::OwnedEvent> events;
    for (;;) {
      auto polled = reader.poll(100, std::chrono::milliseconds(0));
      if (!polled.outcome.ok()) {
        EXPECT_EQ(polled.outcome, (testkit::Outcome{SC_TIMEOUT, ""}));
        return events;
      }
      std::ranges::move(polled.events, std::back_inserter(events));
    }
  }

  static std::string ids(const std::vector<testkit::OwnedEvent>& events) {
    std::string ids;
    for (const auto& event : events) ids += (ids.empty() ? "" : " ") + event.id;
    return ids;
  }

  static std::string last_logged(testkit::SourceKit& kit) {
    return kit.host().log().empty() ? "" : kit.host().log().back().text;
  }

  std::filesystem::path folder_;
};

}  // namespace statecast::file
