#include "job_fixture.hpp"

namespace statecast::job {
namespace {

class JobCheckpoint : public JobTest {
 protected:
  testkit::Outcome load(std::string_view key, std::string_view bytes) { return again_.load("1.0.0", key, bytes); }
  static testkit::Outcome refused(std::string why) { return {SC_REJECTED, std::move(why)}; }

  testkit::StateKit again_{table(), R"({"max_nodes":1})"};
};

TEST_F(JobCheckpoint, ANodeCountsOnAfterARestart) {
  update("n-1");
  update("n-1", kIdle);
  const std::string saved = nodes_.save("n-1").value();
  ASSERT_EQ(load("n-1", saved), testkit::Outcome{});
  EXPECT_EQ(again_.save("n-1"), saved);
  EXPECT_EQ(messages(again_.apply({event("n-1")})), Messages{busy("n-1", 3)});
}

TEST_F(JobCheckpoint, TheSavedBytesStayAsTheyAre) {
  update("n-1");
  EXPECT_EQ(nodes_.save("n-1"), R"({"updates":1})");
}

TEST_F(JobCheckpoint, NodesThatWereSavedCountOnThoughFewerMayBeNow) {
  for (const char* node : {"n-1", "n-2"}) ASSERT_TRUE(load(node, R"({"updates":7})").ok());
  EXPECT_EQ(messages(again_.apply({event("n-1"), event("n-2"), event("n-3")})),
            (Messages{busy("n-1", 8), busy("n-2", 8)}));
}

TEST_F(JobCheckpoint, NothingIsSavedOfANodeThatIsNot) { EXPECT_EQ(nodes_.save("n-1"), std::nullopt); }

TEST_F(JobCheckpoint, BytesOfAnotherFormAreRefused) {
  for (const char* bytes : {"", "7", "{}", R"({"updates":"7"})", R"({"updates":0})", R"({"updates":-1})",
                            R"({"updates":1.5})", R"({"updates":99999999999999999999999999})"})
    EXPECT_EQ(load("n-1", bytes), refused("a node was saved in another form")) << bytes;
  EXPECT_EQ(again_.save("n-1"), std::nullopt);
}

TEST_F(JobCheckpoint, AKeyThatIsNoIdOrCameBeforeIsRefused) {
  const char* bytes = R"({"updates":1})";
  EXPECT_EQ(load("n 1", bytes), refused("what was saved as 'n 1' is no node: its key is no id"));
  ASSERT_TRUE(load("n-1", bytes).ok());
  EXPECT_EQ(load("n-1", R"({"updates":2})"), refused("node n-1 was saved twice"));
  EXPECT_EQ(again_.save("n-1"), bytes);
}

}  // namespace
}  // namespace statecast::job
