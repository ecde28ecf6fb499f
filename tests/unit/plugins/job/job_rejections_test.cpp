#include "job_fixture.hpp"

namespace statecast::job {
namespace {

class JobRejections : public JobTest {
 protected:
  // Why the data is refused, without anything having changed.
  std::string refusal(std::string data) { return reason(event("n-1", std::move(data))); }

  std::string reason(const testkit::OwnedEvent& wrong) {
    const auto reported = nodes_.apply({wrong});
    EXPECT_EQ(reported.changes.size(), 1u) << reported.text();
    EXPECT_EQ(nodes_.save(wrong.subject), std::nullopt);
    return reported.rejections().empty() ? "" : reported.rejections().front();
  }
};

TEST_F(JobRejections, DataThatCannotBeRead) {
  EXPECT_EQ(refusal("[]"), "data must be an object");
  EXPECT_EQ(refusal("{"), "data is no JSON that can be read");
}

TEST_F(JobRejections, AStatusThatIsMissingOrNoText) {
  EXPECT_EQ(refusal(R"({"state":{}})"), "data.status is missing");
  EXPECT_EQ(refusal(R"({"status":null,"state":{}})"), "data.status must not be null");
  EXPECT_EQ(refusal(R"({"status":7,"state":{}})"), "data.status must be text");
}

TEST_F(JobRejections, AStateThatIsMissingOrNoObject) {
  EXPECT_EQ(refusal(R"({"status":"busy"})"), "data.state is missing");
  EXPECT_EQ(refusal(R"({"status":"busy","state":null})"), "data.state must not be null");
  for (const char* state : {"[]", "\"busy\"", "7"})
    EXPECT_EQ(refusal(R"({"status":"busy","state":)" + std::string(state) + "}"),
              "data.state must be an object of texts");
}

TEST_F(JobRejections, AValueOfTheStateThatIsNoText) {
  for (const char* value : {"7", "null", "{}", "true"})
    EXPECT_EQ(refusal(R"({"status":"busy","state":{"job":"j-1","step":)" + std::string(value) + "}}"),
              "data.state.step must be text");
  EXPECT_EQ(refusal(R"({"status":"busy","state":{"a\nb":7}})"), "every value in data.state must be text");
}

TEST_F(JobRejections, AJobThatIsNoId) {
  EXPECT_EQ(refusal(R"({"status":"busy","state":{"job":null}})"), "data.state.job must be text");
  for (const std::string& job : {std::string(), std::string("j 1"), std::string("j/1"), std::string(129, 'j')})
    EXPECT_EQ(refusal(R"({"status":"busy","state":{"job":")" + job + "\"}}"),
              "data.state.job must be an id: 1 to 128 characters of A-Z a-z 0-9 . _ - :");
}

TEST_F(JobRejections, AJobThatBearsTheNameOfAll) {
  EXPECT_EQ(refusal(R"({"status":"busy","state":{"job":"all"}})"),
            "data.state.job must not be 'all': jobs/all is the topic of all jobs");
}

TEST_F(JobRejections, ASubjectThatIsNoId) {
  for (const char* subject : {"", "n 1", "nodes/n-1"})
    EXPECT_EQ(reason(event(subject)),
              "the subject must be the node's id: 1 to 128 characters of A-Z a-z 0-9 . _ - :");
}

TEST_F(JobRejections, ANodeOtherThanTheSubject) {
  EXPECT_EQ(refusal(R"({"node":"n-2","status":"busy","state":{}})"),
            "data.node must be the event's subject, or absent");
}

TEST_F(JobRejections, NoMessageThatIsHardlyLargerThanItsData) {
  std::string loads = "1e9";
  for (int i = 0; i < 12'000; ++i) loads += ",1e9";  // 1000000000.0, if it were written anew
  EXPECT_EQ(messages(update("n-1", R"({"status":"busy","state":{},"loads":[)" + loads + "]}")).size(), 1u);
  const std::string large(64 * 1024 - 100, 'x');
  EXPECT_EQ(messages(update("n-2", R"({"status":"busy","state":{"note":")" + large + "\"}}")).size(), 1u);
}

TEST_F(JobRejections, AnEventOfAnotherType) {
  EXPECT_EQ(reason({.type = "OrderCreated", .subject = "n-1", .data = kBusy}),
            "nodes are not changed by events of this type");
}

}  // namespace
}  // namespace statecast::job
