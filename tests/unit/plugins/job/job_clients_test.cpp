#include "job_fixture.hpp"

namespace statecast::job {
namespace {

constexpr const char* kCustomer = R"({"sub":"c-1","roles":["customer"],"jobs":["j-1","j-2"],"nodes":["n-1"]})";

class JobClients : public JobTest {
 protected:
  static testkit::Outcome denied(std::string why) { return {SC_DENIED, std::move(why)}; }
  const testkit::Outcome admitted_{SC_OK, "all"};
};

TEST_F(JobClients, StaffSeeEverythingAlsoWhatIsNotThereYet) {
  for (const char* claims : {R"({"sub":"s-1","roles":["staff"]})", R"({"roles":["admin"]})"})
    for (const char* topic : {"jobs/all", "jobs/j-1", "nodes/n-1", "nodes/all"})
      EXPECT_EQ(nodes_.admit(claims, topic), admitted_) << topic;
}

TEST_F(JobClients, OthersSeeTheJobsAndNodesThatTheirClaimsList) {
  for (const char* topic : {"jobs/j-1", "jobs/j-2", "nodes/n-1"})
    EXPECT_EQ(nodes_.admit(kCustomer, topic), admitted_) << topic;
}

TEST_F(JobClients, OthersAreDeniedWhatTheirClaimsDoNotList) {
  for (const char* claims : {kCustomer, "{}", R"({"jobs":"j-3","nodes":"n-3"})", R"({"jobs":[3],"nodes":null})"}) {
    EXPECT_EQ(nodes_.admit(claims, "jobs/j-3"),
              denied("jobs/j-3 is shown to the roles staff and admin only, and to those whose claim 'jobs' lists it"));
    EXPECT_EQ(
        nodes_.admit(claims, "nodes/n-3"),
        denied("nodes/n-3 is shown to the roles staff and admin only, and to those whose claim 'nodes' lists it"));
  }
}

TEST_F(JobClients, AllJobsAreForStaffWhateverAClaimLists) {
  EXPECT_EQ(nodes_.admit(R"({"jobs":["all"]})", "jobs/all"),
            denied("jobs/all is shown to the roles staff and admin only"));
}

TEST_F(JobClients, OtherTopicsAreUnknown) {
  for (const char* topic : {"", "jobs", "jobs/", "nodes/", "jobs/j 1", "orders/j-1"})
    EXPECT_EQ(nodes_.admit(R"({"roles":["staff"]})", topic),
              (testkit::Outcome{SC_UNKNOWN, "no such topic: there are jobs/<id>, jobs/all and nodes/<id>"}))
        << topic;
}

TEST_F(JobClients, NoKeyHasAValueSinceEveryMessageCounts) {
  update("n-1");
  for (const char* topic : {"jobs/all", "jobs/j-1", "nodes/n-1"})
    EXPECT_EQ(nodes_.list(topic), std::vector<std::string>{}) << topic;
  EXPECT_EQ(nodes_.render("n-1", "all"), std::nullopt);
}

}  // namespace
}  // namespace statecast::job
