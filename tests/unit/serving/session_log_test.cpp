#include "host/serving/session_log.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace statecast::host {
namespace {

constexpr std::size_t kMost = SessionLog::kLinesASecond;
constexpr Tenths kNow = 1000;
const std::string kLeftOut = " more lines about sessions were left out within a second: server.log.level debug has them";

// What `write` has the log write, without time, level and component.
template <class Write>
std::vector<std::string> texts(log::Level level, Write&& write) {
  testing::internal::CaptureStderr();
  log::start({level, log::Format::kText, {}});
  write();
  log::stop();
  std::vector<std::string> all;
  std::istringstream in(testing::internal::GetCapturedStderr());
  for (std::string line; std::getline(in, line);) all.push_back(line.substr(line.find(": ") + 2));
  return all;
}

void come(SessionLog& sessions, Tenths now, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) sessions.write("sse", now, [] { return std::string("one came"); });
}

TEST(SessionLog, WritesALineForEachOfAFew) {
  const auto lines = texts(log::Level::kInfo, [] {
    SessionLog sessions;
    come(sessions, kNow, kMost);
    come(sessions, kNow + 10, kMost);
  });
  EXPECT_EQ(lines, std::vector<std::string>(2 * kMost, "one came"));
}

TEST(SessionLog, CountsWhatIsMoreWithinASecondAndTellsItOnce) {
  const auto lines = texts(log::Level::kInfo, [] {
    SessionLog sessions;
    come(sessions, kNow, kMost);
    come(sessions, kNow + 9, 7);
    sessions.end_second(kNow + 9);
    sessions.end_second(kNow + 10);
    sessions.end_second(kNow + 20);
    come(sessions, kNow + 20, 1);
  });
  std::vector<std::string> expected(kMost, "one came");
  expected.insert(expected.end(), {"7" + kLeftOut, "one came"});
  EXPECT_EQ(lines, expected);
}

TEST(SessionLog, TellsAtItsEndWhatItLeftOut) {
  const auto lines = texts(log::Level::kInfo, [] {
    SessionLog sessions;
    come(sessions, kNow, kMost + 2);
  });
  ASSERT_EQ(lines.size(), kMost + 1);
  EXPECT_EQ(lines.back(), "2" + kLeftOut);
}

TEST(SessionLog, LeavesNothingOutAtLevelDebug) {
  const auto lines = texts(log::Level::kDebug, [] {
    SessionLog sessions;
    come(sessions, kNow, 3 * kMost);
  });
  EXPECT_EQ(lines, std::vector<std::string>(3 * kMost, "one came"));
}

TEST(SessionLog, MakesNoLineThatIsNotWritten) {
  const auto lines = texts(log::Level::kWarning, [] {
    SessionLog sessions;
    sessions.write("sse", kNow, []() -> std::string { throw std::runtime_error("was made"); });
  });
  EXPECT_EQ(lines, std::vector<std::string>{});
}

}  // namespace
}  // namespace statecast::host
