#include <gmock/gmock.h>

#include <statecast/plain_json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace statecast {
namespace {

using testing::ElementsAre;
using testing::Pair;

using Members = std::vector<std::pair<std::string, std::string>>;

bool read(std::string_view text, Members& members) {
  PlainJson json(text);
  const auto take = [&](std::string_view name, PlainJson& value) {
    std::string_view written;
    if (!value.take_scalar(written)) return false;
    members.emplace_back(name, written);
    return true;
  };
  return json.take_members(take) && json.ends();
}

bool is_taken(std::string_view text) {
  Members ignored;
  return read(text, ignored);
}

TEST(PlainJson, GivesEachMemberAsItIsWritten) {
  Members members;
  EXPECT_TRUE(read(R"( { "a" : "text" ,"b":-12.50,"c":true,"d":false, "e":null,"f":0,"g":"" } )", members));
  EXPECT_THAT(members, ElementsAre(Pair("a", "\"text\""), Pair("b", "-12.50"), Pair("c", "true"), Pair("d", "false"), Pair("e", "null"),
                                   Pair("f", "0"), Pair("g", "\"\"")));
}

TEST(PlainJson, TakesAnObjectWithoutMembers) { EXPECT_TRUE(is_taken("{ }")); }

TEST(PlainJson, TakesTextsOfEveryLength) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string text(length, 'x');
    Members members;
    EXPECT_TRUE(read("{\"" + text + "\":\"" + text + "\"}", members)) << length;
    EXPECT_THAT(members, ElementsAre(Pair(text, '"' + text + '"')));
  }
}

// Wherever it stands in the eight bytes that are looked at together, and whatever stands around it.
TEST(PlainJson, LeavesEveryTextThatIsNotPlainAtEveryPlace) {
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    const bool plain = c >= 0x20 && c < 0x80 && byte != '"' && byte != '\\';
    for (const char neighbour : {'x', '!', '#', '[', ']', ' ', '\x7f'})
      for (std::size_t place = 0; place < 20; ++place) {
        std::string text(20, neighbour);
        text[place] = byte;
        EXPECT_EQ(is_taken("{\"a\":\"" + text + "\"}"), plain) << c << " at " << place << " among " << neighbour;
      }
  }
}

TEST(PlainJson, LeavesWhatIsNoNumberOrNoPlainOne) {
  for (const char* value : {"", "-", "01", "-01", "+1", ".5", "1.", "-.5", "1e5", "1E5", "1.5e-3", "0x1", "1.2.3", "NaN", "Infinity",
                            "123456789012345678901234567890123"})
    EXPECT_FALSE(is_taken("{\"a\":" + std::string(value) + "}")) << value;
}

TEST(PlainJson, LeavesWhatIsNoFlatObjectAlone) {
  for (const char* text : {"", " ", "{", "}", "[]", "1", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1,}", "{\"a\":1}}", "{\"a\":1}x", "{a:1}",
                           "{\"a\":tru}", "{\"a\":nulll}", "{\"a\":[1]}", "{\"a\":{}}", "{\"a\" 1}", "{\"a\":\"b", "{\"a\":\"12345678", "{,}"})
    EXPECT_FALSE(is_taken(text)) << text;
  EXPECT_FALSE(is_taken(std::string_view("{\"a\":1}\0", 8)));
  EXPECT_FALSE(is_taken(std::string_view("{\"a\":\0}", 7)));
}

TEST(PlainJson, GivesAnyValueAsItIsWritten) {
  for (const std::string value : {"1", "\"a\"", "null", "[]", "[ ]", "{ }", "[1, [2,{\"a\":[]}] , \"]\"]", "{\"a\" : {\"b\":[true,{}]}, \"c\":\"}\"}"}) {
    const std::string text = " " + value + " x";
    PlainJson json(text);
    std::string_view written;
    EXPECT_TRUE(json.take_value(written)) << value;
    EXPECT_EQ(written, value);
    EXPECT_EQ(json.next(), 'x');
  }
}

TEST(PlainJson, LeavesAValueThatIsNotPlainOrNotWhole) {
  for (const char* value : {"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{\"a\":[}", "{\"a\":1,\"b\"}", "[\"\\n\"]", "[1e5]", "{\"\\u0061\":1}", "]", "}"}) {
    std::string_view written;
    EXPECT_FALSE(PlainJson(value).take_value(written)) << value;
  }
}

TEST(PlainJson, TakesAsManyLevelsAsItMay) {
  for (const auto& [open, close] : {std::pair<std::string, std::string>{"[", "]"}, {"{\"a\":", "}"}}) {
    std::string value = "1";
    for (unsigned levels = 1; levels <= 5; ++levels) {
      value = open + value + close;
      std::string_view written;
      EXPECT_EQ(PlainJson(value).take_value(written, 3), levels <= 3) << value;
    }
  }
}

TEST(PlainJson, ReadsNothingBehindItsEnd) {
  const std::string text = R"({"a":"12345678","b":-1.25,"c":true})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::vector<char> exact(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));  // which ASan guards
    EXPECT_FALSE(is_taken({exact.data(), exact.size()})) << size;
  }
}

}  // namespace
}  // namespace statecast
