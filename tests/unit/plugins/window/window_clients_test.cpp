#include "window_fixture.hpp"

namespace statecast::window {
namespace {

class WindowClients : public WindowTest {
 protected:
  static testkit::Outcome unknown(std::string why) { return {SC_UNKNOWN, std::move(why)}; }
};

TEST_F(WindowClients, StaffSeeTheTopicThatIsNamedAfterTheInstance) {
  for (const char* claims : {kStaffClaims, R"({"roles":["admin"]})"})
    EXPECT_EQ(windows_.admit(claims, "windows/test"), (testkit::Outcome{SC_OK, "all"}));
}

TEST_F(WindowClients, OthersAreDenied) {
  for (const char* claims : {"{}", R"({"sub":"c-1","roles":["customer"]})"})
    EXPECT_EQ(windows_.admit(claims, "windows/test"),
              (testkit::Outcome{SC_DENIED, "windows are shown to the roles staff and admin only"}));
}

TEST_F(WindowClients, AnotherNameMayBeChosen) {
  testkit::StateKit windows(table(), R"({"name":"minutes"})");
  EXPECT_TRUE(windows.admit(kStaffClaims, "windows/minutes").ok());
  EXPECT_EQ(windows.admit(kStaffClaims, "windows/test"), unknown("no such topic: there is windows/minutes"));
}

TEST_F(WindowClients, EveryGroupMayHaveATopic) {
  testkit::StateKit windows(table(), R"({"group_by":"/subject"})");
  for (const char* topic : {"windows/test", "windows/m-1", "windows/not-there-yet"})
    EXPECT_TRUE(windows.admit(kStaffClaims, topic).ok()) << topic;
  for (const char* topic : {"", "windows", "windows/", "windows/m 1", "orders/m-1"})
    EXPECT_EQ(windows.admit(kStaffClaims, topic), unknown("no such topic: there is windows/test, and windows/<group>"));
}

TEST_F(WindowClients, NoKeyHasAValueSinceEveryMessageCounts) {
  windows_.apply({event("12:00:10"), event("12:01:10")});
  EXPECT_EQ(windows_.list("windows/test"), std::vector<std::string>{});
  EXPECT_EQ(windows_.render("window:" + std::to_string(at("12:01:00")) + ":", "all"), std::nullopt);
}

}  // namespace
}  // namespace statecast::window
