#include "window_fixture.hpp"

namespace statecast::window {
namespace {

constexpr const char* kSettings = R"({"group_by":"/data/g","types":["A","B"],"max_types":1})";

class WindowCheckpoint : public WindowTest {
 protected:
  static testkit::OwnedEvent of(const std::string& clock, const std::string& group, std::string type = "A") {
    return event(clock, std::move(type), R"({"g":")" + group + "\"}");
  }
  static std::string key(const std::string& minute, const std::string& group) {
    return "window:" + std::to_string(at(minute + ":00")) + ":" + group;
  }
  testkit::Outcome load(std::string_view key, std::string_view bytes) { return again_.load("1.0.0", key, bytes); }
  static testkit::Outcome refused(std::string why) { return {SC_REJECTED, std::move(why)}; }

  testkit::StateKit grouped_{table(), kSettings}, again_{table(), kSettings};
};

TEST_F(WindowCheckpoint, OpenWindowsAndTheStreamsTimeGoOnAfterARestart) {
  const auto first = {of("12:00:10", "m:1"), of("12:01:05", "m-2", "B"), of("12:00:20", "m:1", "B"),
                      of("18:00:00", "m-2")};
  grouped_.apply(first);
  for (const std::string& saved : {key("12:00", "m:1"), key("12:01", "m-2"), std::string("stream")}) {
    const auto bytes = grouped_.save(saved);
    ASSERT_TRUE(bytes) << saved;
    ASSERT_EQ(load(saved, *bytes), testkit::Outcome{});
    EXPECT_EQ(again_.save(saved), bytes);
  }
  std::vector<testkit::OwnedEvent> rest;
  for (int i = 0; i < 9; ++i) rest.push_back(of("18:00:0" + std::to_string(i), "m-2"));
  rest.push_back(of("12:00:00", "m-3"));
  rest.push_back(of("18:01:10", "m-3"));
  const Results expected = results(grouped_, rest);
  EXPECT_EQ(expected.size(), 4u);
  EXPECT_EQ(results(again_, rest), expected);
}

TEST_F(WindowCheckpoint, TheSavedBytesStayAsTheyAre) {
  grouped_.apply({of("12:00:10", "m-1"), of("12:00:10", "m-1", "B"), of("12:01:10", "m-2"), of("12:00:10", "m-2"),
                  of("18:00:00", "m-3")});
  EXPECT_EQ(grouped_.save(key("12:01", "m-2")), R"({"total":1,"types":{"A":1},"other":0,"late":1})");
  EXPECT_EQ(grouped_.save("stream"),
            R"({"settings":{"group_by":"/data/g","size":60000,"types":["A","B"]},"newest":1703073670000000,)"
            R"("held":[{"time":1703095200000000,"counted":true,"type":"A","group":"m-3"}]})");
}

TEST_F(WindowCheckpoint, AWindowThatHasClosedIsNoLongerSaved) {
  grouped_.apply({of("12:00:10", "m-1"), of("12:01:10", "m-2")});
  EXPECT_EQ(grouped_.save(key("12:00", "m-1")), std::nullopt);
  EXPECT_NE(grouped_.save(key("12:01", "m-2")), std::nullopt);
}

TEST_F(WindowCheckpoint, NothingIsSavedBeforeTheFirstEventNorOfOtherKeys) {
  for (const char* nothing : {"stream", "window:", "window:x:", "window:7", "window:7:m-1", "m-1", ""})
    EXPECT_EQ(grouped_.save(nothing), std::nullopt) << nothing;
}

TEST_F(WindowCheckpoint, BytesOfAnotherFormAreRefused) {
  for (const char* bytes : {"", "7", "{}", R"({"total":1,"types":{"A":"x"},"other":0,"late":0})"})
    EXPECT_EQ(load("window:0:m-1", bytes), refused("a window was saved in another form")) << bytes;
  for (const char* bytes : {"", "7", "{}"})
    EXPECT_EQ(load("stream", bytes), refused("the stream's time was saved in another form")) << bytes;
  EXPECT_EQ(load("minutes", "{}"), refused("what was saved as 'minutes' is no window"));
}

TEST_F(WindowCheckpoint, AWindowSavedTwiceIsRefused) {
  const char* bytes = R"({"total":1,"types":{"A":1},"other":0,"late":0})";
  ASSERT_TRUE(load("window:0:m-1", bytes).ok());
  EXPECT_EQ(load("window:0:m-1", bytes), refused("the window 'window:0:m-1' was saved twice"));
}

TEST_F(WindowCheckpoint, WindowsOfOtherSettingsAreRefused) {
  grouped_.apply({of("12:00:10", "m-1")});
  const std::string saved = grouped_.save("stream").value();
  for (const char* settings : {"{}", R"({"group_by":"/data/g","types":["A"]})",
                               R"({"group_by":"/data/g","types":["A","B"],"size":1000})"}) {
    testkit::StateKit other(table(), settings);
    EXPECT_EQ(other.load("1.0.0", "stream", saved),
              refused("the windows were saved with another size, group_by or types"))
        << settings;
  }
  testkit::StateKit same(table(), R"({"group_by":"/data/g","types":["A","B"],"allowed_lateness":0,"max_groups":5})");
  EXPECT_TRUE(same.load("1.0.0", "stream", saved).ok());
}

}  // namespace
}  // namespace statecast::window
