#include "window_fixture.hpp"

namespace statecast::window {
namespace {

class WindowGroups : public WindowTest {
 protected:
  static testkit::OwnedEvent of(const std::string& clock, const std::string& group, std::string type = "A") {
    return event(clock, std::move(type), R"({"merchantId":)" + group + "}");
  }
  static std::string group(const std::string& name) { return R"("group":")" + name + R"(",)"; }

  static constexpr const char* kByMerchant = R"({"group_by":"/data/merchantId","name":"all"})";
  testkit::StateKit by_merchant_{table(), kByMerchant};
};

TEST_F(WindowGroups, EachGroupHasItsOwnWindowsAndTopic) {
  by_merchant_.apply({of("12:00:10", R"("m-2")"), of("12:00:20", R"("m-1")", "B"), of("12:00:30", R"("m-2")")});
  std::string appended;
  for (const auto& change : by_merchant_.apply({of("12:01:10", R"("m-3")")}).changes)
    if (change.what == "appended") appended += change.topics[0] + " " + change.topics[1] + " " + change.json + "\n";
  EXPECT_EQ(appended,
            "windows/all windows/m-1 " + result("12:00", counted(1, R"("B":1)"), "", group("m-1")) +
                "\nwindows/all windows/m-2 " + result("12:00", counted(2, R"("A":2)"), "", group("m-2")) + "\n");
}

TEST_F(WindowGroups, AGroupNamedAsTheTopicOfAllIsToldThereOnce) {
  by_merchant_.apply({of("12:00:10", R"("all")")});
  const auto changes = by_merchant_.apply({event("12:01:10")}).changes;
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[1].topics, std::vector<std::string>{"windows/all"});
}

TEST_F(WindowGroups, EventsWithoutAGroupAreNotCountedButTellTheTime) {
  EXPECT_EQ(results(by_merchant_, {of("12:00:10", R"("m-1")"), event("12:00:20"), of("12:00:20", "null"),
                                   of("12:00:20", R"("Zoë's")"), of("12:00:20", "1.5"), of("12:00:20", R"(["m-1"])"),
                                   event("12:00:20", "A", "7"), event("12:01:10")}),
            Results{result("12:00", counted(1, R"("A":1)"), "", group("m-1"))});
  EXPECT_EQ(by_merchant_.host().metric("ungrouped_events"), 7);
}

TEST_F(WindowGroups, AWholeNumberIsAGroupToo) {
  EXPECT_EQ(results(by_merchant_, {of("12:00:10", "42"), event("12:01:10")}),
            Results{result("12:00", counted(1, R"("A":1)"), "", group("42"))});
}

TEST_F(WindowGroups, TheSubjectMayBeTheGroup) {
  testkit::StateKit windows(table(), R"({"group_by":"/subject"})");
  EXPECT_EQ(results(windows, {event("12:00:10"), event("12:01:10")}),
            Results{result("12:00", counted(1, R"("A":1)"), "", group("x-1"))});
}

TEST_F(WindowGroups, LatenessIsToldWithinTheGroup) {
  EXPECT_EQ(results(by_merchant_, {of("12:00:30", R"("m-1")"), of("12:01:10", R"("m-2")"), of("12:00:40", R"("m-1")"),
                                   of("12:02:10", R"("m-2")")}),
            (Results{result("12:00", counted(1, R"("A":1)"), "", group("m-1")),
                     result("12:01", counted(0, ""), R"(,"late_events":1)", group("m-1")),
                     result("12:01", counted(1, R"("A":1)"), "", group("m-2"))}));
}

TEST_F(WindowGroups, EventsOfAGroupTooManyAreDroppedAndCounted) {
  testkit::StateKit windows(table(), R"({"group_by":"/data/merchantId","max_groups":2})");
  EXPECT_EQ(results(windows, {of("12:00:10", R"("m-1")"), of("12:00:10", R"("m-2")"), of("12:00:20", R"("m-3")"),
                              of("12:00:30", R"("m-4")"), of("12:00:40", R"("m-1")"), event("12:01:10")}),
            (Results{result("12:00", counted(2, R"("A":2)"), "", group("m-1")),
                     result("12:00", counted(1, R"("A":1)"), "", group("m-2"))}));
  EXPECT_EQ(windows.host().metric("dropped_events"), 2);
  EXPECT_EQ(windows.host().metric("groups_limit"), 2);
  EXPECT_EQ(windows.host().metric("groups"), 0) << "all windows have closed";
  EXPECT_EQ(windows.host().log(),
            (std::vector<testkit::LogLine>{{SC_LOG_WARNING,
                                            "the event of group 'm-3' is not counted: 2 groups have open windows "
                                            "(max_groups); the metric dropped_events says how many follow"}}));
}

TEST_F(WindowGroups, AGroupWhoseWindowsHaveClosedMakesRoom) {
  testkit::StateKit windows(table(), R"({"group_by":"/data/merchantId","max_groups":1})");
  results(windows, {of("12:00:10", R"("m-1")"), of("12:01:10", R"("m-2")"), of("12:01:20", R"("m-2")")});
  EXPECT_EQ(results(windows, {event("12:02:10")}),
            Results{result("12:01", counted(2, R"("A":2)"), "", group("m-2"))});
  EXPECT_EQ(windows.host().metric("dropped_events"), 0);
}

TEST_F(WindowGroups, ADropIsToldAgainOnceThereWasRoom) {
  testkit::StateKit windows(table(), R"({"group_by":"/data/merchantId","max_groups":1})");
  results(windows, {of("12:00:10", R"("m-1")"), of("12:00:10", R"("m-2")"), event("12:02:00")});
  results(windows, {of("12:02:10", R"("m-1")"), of("12:02:10", R"("m-2")")});
  EXPECT_EQ(windows.host().log().size(), 2u);
}

}  // namespace
}  // namespace statecast::window
