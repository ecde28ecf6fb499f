#include "plugins/sources/file/line_reader.hpp"

#include "tests/unit/plugins/file/recording.hpp"

namespace statecast::file {
namespace {

using Next = LineReader::Next;

class LineReaderTest : public RecordingTest {
 protected:
  std::vector<std::string> lines(const std::string& text) {
    record(text);
    LineReader reader(path());
    std::vector<std::string> lines;
    for (Next next = reader.next(); next != Next::kEnd; next = reader.next())
      lines.push_back(next == Next::kTooLong ? "too long" : std::string(reader.line()));
    EXPECT_EQ(reader.number(), lines.size());
    EXPECT_EQ(reader.bytes_read(), text.size());
    EXPECT_EQ(reader.bytes_total(), text.size());
    return lines;
  }
};

using Lines = std::vector<std::string>;

TEST_F(LineReaderTest, ReadsLinesWithAndWithoutAnEndOfTheLast) {
  EXPECT_EQ(lines(""), Lines{});
  EXPECT_EQ(lines("a\nb\n"), (Lines{"a", "b"}));
  EXPECT_EQ(lines("a\n\nb"), (Lines{"a", "", "b"}));
  EXPECT_EQ(lines("a\r\nb\r"), (Lines{"a", "b"}));
}

TEST_F(LineReaderTest, ReadsLinesAcrossItsBuffers) {
  Lines expected;
  std::string text;
  for (const std::size_t length : {1u, 65'534u, 65'535u, 65'536u, 65'537u, 200'000u, 0u, 3u}) {
    expected.emplace_back(length, static_cast<char>('a' + length % 26));
    text += expected.back() + "\n";
  }
  EXPECT_EQ(lines(text), expected);
}

TEST_F(LineReaderTest, ReadsALineOfTheLongestAndNoneThatIsLonger) {
  const std::string longest(LineReader::kLongest, 'x');
  EXPECT_EQ(lines(longest + "\r\n" + longest + "\n" + longest), (Lines{longest, longest, longest}));
  EXPECT_EQ(lines(longest + "x\r\n" + longest + "x\na"), (Lines{"too long", "too long", "a"}));
  EXPECT_EQ(lines(longest + "x\rx\nb\n" + longest + longest + longest), (Lines{"too long", "b", "too long"}));
}

}  // namespace
}  // namespace statecast::file
