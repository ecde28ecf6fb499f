#include "host/cli/event_lines.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace statecast::host {
namespace {

using nlohmann::json;
using Batch = std::vector<EventLine>;

// A file with this content, already forgotten by its folder.
class File {
 public:
  explicit File(const std::string& content) : file_(std::tmpfile()) {
    std::fwrite(content.data(), 1, content.size(), file_);
    std::rewind(file_);
  }
  ~File() { std::fclose(file_); }
  int descriptor() const { return ::fileno(file_); }

 private:
  FILE* file_;
};

class EventLinesTest : public testing::Test {
 protected:
  Batch next(EventLines& lines) {
    auto batch = lines.next();
    EXPECT_TRUE(batch) << batch.error().text();
    return batch ? *batch : Batch{};
  }
  Batch all(const std::string& content, std::size_t from = 1) {
    const File file(content);
    EventLines lines(loop_, file.descriptor(), "f", from);
    Batch out;
    for (Batch batch = next(lines); !batch.empty(); batch = next(lines)) out.insert(out.end(), batch.begin(), batch.end());
    return out;
  }

  client::ClientLoop loop_;
};

TEST_F(EventLinesTest, KnowsTheNumberOfEachLine) {
  const auto lines = all("{\"type\":\"A\"}\n\n  \n{\"type\":\"B\"}\r\n{\"type\":\"C\"}");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].number, 1u);
  EXPECT_EQ(lines[1].number, 4u);
  EXPECT_EQ(lines[2].number, 5u);
  EXPECT_EQ(json::parse(lines[2].text)["type"], "C");
}

TEST_F(EventLinesTest, GivesAShortFormWithoutAnIdOneOfItsOwn) {
  const auto lines = all("{\"type\":\"A\"}\n{\"type\":\"A\"}\n");
  const std::string first = json::parse(lines[0].text)["id"], second = json::parse(lines[1].text)["id"];
  EXPECT_FALSE(lines[0].id_given);
  EXPECT_NE(first, second);
  EXPECT_EQ(first.size(), 18u) << first;
  EXPECT_NE(json::parse(all("{\"type\":\"A\"}\n")[0].text)["id"], first) << "the same line in another run is another event";
}

TEST_F(EventLinesTest, LeavesWhatHasAnIdAsItIsWritten) {
  const std::string cloud_event = R"({"specversion":"1.0", "id":"e-1","source":"/s","type":"T","data":{"total":1.50}})";
  const auto lines = all(cloud_event + "\n{\"type\":\"T\",\"id\":\"mine\"}\n{\"specversion\":\"1.0\"}\n{}\n");
  EXPECT_EQ(lines[0].text, cloud_event);
  EXPECT_TRUE(lines[0].id_given);
  EXPECT_EQ(lines[1].text, "{\"type\":\"T\",\"id\":\"mine\"}");
  EXPECT_EQ(lines[2].text, "{\"specversion\":\"1.0\"}") << "for the host to refuse";
  EXPECT_EQ(lines[3].text, "{}");
}

TEST_F(EventLinesTest, GivesAnIdInThePlaceOfNull) {
  const auto lines = all("{\"type\":\"T\",\"id\":null }  \n");
  EXPECT_TRUE(json::parse(lines[0].text)["id"].is_string());
}

TEST_F(EventLinesTest, MakesBatchesOfSoManyEvents) {
  std::string content;
  for (std::size_t i = 0; i < EventLines::kEventsABatch + 1; ++i) content += "{\"type\":\"T\"}\n";
  const File file(content);
  EventLines lines(loop_, file.descriptor(), "f");
  EXPECT_EQ(next(lines).size(), EventLines::kEventsABatch);
  EXPECT_EQ(next(lines).size(), 1u);
  EXPECT_EQ(next(lines).size(), 0u);
  EXPECT_EQ(lines.bytes_read(), content.size());
}

TEST_F(EventLinesTest, MakesBatchesOfSoManyBytes) {
  std::string content;
  for (int i = 0; i < 10; ++i) content += R"({"type":"T","data":")" + std::string(100 * 1024, 'x') + "\"}\n";
  const File file(content);
  EventLines lines(loop_, file.descriptor(), "f");
  EXPECT_EQ(next(lines).size(), 6u) << "the event that reaches 512 KiB is the last";
}

TEST_F(EventLinesTest, BeginsWithTheLineThatItIsTold) {
  const auto lines = all("{\"type\":\"A\"}\nno JSON\n{\"type\":\"C\"}\n", 3);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].number, 3u);
}

TEST_F(EventLinesTest, PassesOverAByteOrderMark) {
  EXPECT_TRUE(all("\xef\xbb\xbf{\"type\":\"A\"}\n")[0].text.starts_with("{\"type\":\"A\""));
}

TEST_F(EventLinesTest, GivesWhatStandsBeforeAWrongLineAndThenWhereItIs) {
  const File file("{\"type\":\"A\"}\n{\"type\":\n{\"type\":\"C\"}\n");
  EventLines lines(loop_, file.descriptor(), "events.ndjson");
  EXPECT_EQ(next(lines).size(), 1u);
  for (int again = 0; again < 2; ++again) {
    const auto wrong = lines.next();
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().text(), "events.ndjson:2: not valid JSON at byte 9: {\"type\":\n  = fix: correct it and go on with --from-line 2: the lines before are published");
  }
}

TEST_F(EventLinesTest, SaysWhatElseIsWrongWithALine) {
  EXPECT_EQ(event_line(1, "[]", "r").error().what, "an event is a JSON object; this is array");
  EXPECT_EQ(event_line(1, "{\"a\":1e999}", "r").error().what, "a number is too large to be represented: {\"a\":1e999}");
}

TEST_F(EventLinesTest, RefusesALineWithoutEnd) {
  const File file(std::string(EventLines::kLineAtMost + 1024 * 1024, 'x'));
  EventLines lines(loop_, file.descriptor(), "f");
  const auto wrong = lines.next();
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().text(), "f:1: the line is longer than 16 MiB\n  = fix: see that this is a recording, with one event a line");
}

TEST_F(EventLinesTest, HoldsBackNothingThatAPipeHasBrought) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EventLines lines(loop_, ends[0], "standard input");
  const std::string first = "{\"type\":\"A\"}\n{\"type\":\"B\"}\n{\"ty", rest = "pe\":\"C\"}\n";
  ASSERT_EQ(::write(ends[1], first.data(), first.size()), static_cast<ssize_t>(first.size()));
  EXPECT_EQ(next(lines).size(), 2u);
  ASSERT_EQ(::write(ends[1], rest.data(), rest.size()), static_cast<ssize_t>(rest.size()));
  EXPECT_EQ(next(lines).size(), 1u);
  ::close(ends[1]);
  EXPECT_EQ(next(lines).size(), 0u);
  ::close(ends[0]);
}

TEST_F(EventLinesTest, TakesNoHalfLineForAWholeOneWhenItIsInterrupted) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "{\"type\":\"A\"}", 12), 12);
  loop_.end_at(client::after(std::chrono::milliseconds(1)));
  EventLines lines(loop_, ends[0], "standard input");
  EXPECT_EQ(next(lines).size(), 0u);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace statecast::host
