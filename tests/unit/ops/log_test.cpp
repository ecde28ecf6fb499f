#include "host/ops/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "host/ops/journal.hpp"

namespace statecast::host::log {
namespace {

using Json = nlohmann::json;

// Takes the place of stderr while it lives.
class StderrPipe {
 public:
  StderrPipe() : before_(::dup(STDERR_FILENO)) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read_ = ends[0];
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
  }
  ~StderrPipe() { ::close(read_); }

  // Puts stderr back, with which the pipe ends.
  void close_writer() {
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
  }

  std::vector<std::string> lines() const {
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(read_, buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

 private:
  int before_, read_ = -1;
};

std::vector<std::string> written(Options options, const std::function<void()>& write_lines) {
  StderrPipe pipe;
  start(std::move(options));
  write_lines();
  stop();
  pipe.close_writer();
  return pipe.lines();
}

TEST(Log, WritesLinesOfJson) {
  const auto lines = written({Level::kInfo, Format::kJson, {}}, [] {
    debug("main", "too little");
    info("main", "started");
    warning("plugins", "refused", {{"fix", "build it again"}, {"empty", ""}});
  });
  ASSERT_EQ(lines.size(), 2u);
  const Json first = Json::parse(lines[0]), second = Json::parse(lines[1]);
  EXPECT_EQ(first["level"], "info");
  EXPECT_EQ(first["component"], "main");
  EXPECT_EQ(first["message"], "started");
  EXPECT_EQ(first.size(), 4u);
  EXPECT_EQ(second["level"], "warning");
  EXPECT_EQ(second["fix"], "build it again");
  EXPECT_EQ(second.size(), 5u);
}

TEST(Log, WritesNoSecret) {
  const auto lines = written({Level::kInfo, Format::kText, {{"top-secret", "<!env A>"}}}, [] {
    error("source events", "can't connect to db:top-secret@host", {{"fix", "change top-secret"}});
  });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].substr(25), "error   source events: can't connect to db:<!env A>@host   = fix: change <!env A>");
}

// Nobody reads the pipe: it fills, then the queue, and still nobody waits. What is newest is what is kept.
TEST(Log, DropsTheOldestLinesWhenNobodyTakesThem) {
  StderrPipe pipe;
  start({Level::kInfo, Format::kText, {}});
  constexpr std::size_t kLines = 4 * kWaitingLines;
  for (std::size_t i = 0; i < kLines; ++i) info("main", "line " + std::to_string(i) + std::string(64, '.'));
  info("main", "the last");
  std::vector<std::string> lines;
  std::thread reader([&] { lines = pipe.lines(); });
  stop();
  pipe.close_writer();
  reader.join();
  ASSERT_FALSE(lines.empty());
  EXPECT_LT(lines.size(), kLines);
  EXPECT_NE(lines.back().find("the last"), std::string::npos);
}

TEST(Log, IsOfTheJournalWhereStderrIsItsStream) {
  struct stat status {};
  ASSERT_EQ(::fstat(STDERR_FILENO, &status), 0);
  const std::string stream = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
  EXPECT_TRUE(is_journal_stream(STDERR_FILENO, stream.c_str()));
  EXPECT_FALSE(is_journal_stream(STDERR_FILENO, (stream + "0").c_str()));
  EXPECT_FALSE(is_journal_stream(STDERR_FILENO, nullptr));
  ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
  EXPECT_EQ(format_of("auto"), Format::kJournald);
  EXPECT_EQ(format_of("text"), Format::kText);
  ::setenv("JOURNAL_STREAM", "1:1", 1);
  EXPECT_EQ(format_of("auto"), Format::kText);
  EXPECT_EQ(format_of("json"), Format::kJson);
  EXPECT_EQ(format_of("journald"), Format::kJournald);
  ::unsetenv("JOURNAL_STREAM");
}

}  // namespace
}  // namespace statecast::host::log
