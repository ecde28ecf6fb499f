#include "host/streaming/feeder.hpp"

#include <gtest/gtest.h>

#include "fake_source.hpp"

namespace statecast::host::test {
namespace {

constexpr std::chrono::seconds kDeadline{30};

class FeederTest : public testing::Test {
 protected:
  ~FeederTest() override {
    log_.go_on.release(1000);
    if (feeder_) feeder_->stop();
  }

  void start() {
    appender_->start();
    feeder_ = std::make_unique<Feeder>(*demo_source_, *appender_, system_clock());
    feeder_->start();
  }

  template <class Condition>
  bool becomes(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + kDeadline;
    while (!condition() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return condition();
  }

  static std::vector<OwnedEvent> events(std::initializer_list<const char*> subjects, const char* type = "Set") {
    std::vector<OwnedEvent> out;
    for (const char* subject : subjects) out.push_back(event(type, subject, "1"));
    return out;
  }
  std::vector<std::string> subjects_in_log() const {
    std::vector<std::string> out;
    for (const OwnedEvent& e : log_.after(0, 1000)) out.push_back(e.subject);
    return out;
  }

  Store demo_;
  std::unique_ptr<SourceInstance> demo_source_ = make_source("demo");
  Store log_;
  std::unique_ptr<SourceInstance> log_source_ = make_source("events");
  std::unique_ptr<Appender> appender_ = std::make_unique<Appender>(*log_source_, std::vector<ShardInbox*>{});
  std::unique_ptr<Feeder> feeder_;
};

TEST_F(FeederTest, AppendsWhatItsSourceYieldsInOrder) {
  demo_.add(events({"a", "b", "c"}));
  start();
  ASSERT_TRUE(becomes([&] { return feeder_->fed() == 3; }));
  demo_.add(events({"d"}));
  ASSERT_TRUE(becomes([&] { return feeder_->fed() == 4; }));
  EXPECT_EQ(subjects_in_log(), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(feeder_->refused(), 0u);
}

TEST_F(FeederTest, TriesABatchAgainThatTheLogCannotTakeNow) {
  log_.append_fails = true;
  demo_.add(events({"a", "b"}));
  start();
  ASSERT_TRUE(becomes([&] { return log_.append_sizes().size() >= 2; }));
  EXPECT_NE(feeder_->failing_since_ns(), 0);
  log_.append_fails = false;
  ASSERT_TRUE(becomes([&] { return feeder_->fed() == 2; }));
  EXPECT_TRUE(becomes([&] { return feeder_->failing_since_ns() == 0; }));
  EXPECT_EQ(subjects_in_log(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(FeederTest, NoLongerFailsOnceItsSourceIsQuiet) {
  demo_.failing_polls = 2;
  start();
  ASSERT_TRUE(becomes([&] { return demo_.failing_polls == 0; }));
  EXPECT_TRUE(becomes([&] { return feeder_->failing_since_ns() == 0; }));
}

TEST_F(FeederTest, GoesOnWhereItWasAfterItsSourceFailed) {
  demo_.add(events({"a"}));
  start();
  ASSERT_TRUE(becomes([&] { return feeder_->fed() == 1; }));
  demo_.failing_polls = 2;
  demo_.failing_opens = 1;
  demo_.add(events({"b"}));
  ASSERT_TRUE(becomes([&] { return feeder_->fed() == 2; }));
  EXPECT_EQ(subjects_in_log(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(FeederTest, CountsWhatTheLogHadBeforeAndWhatItRefused) {
  demo_.add(events({"a"}));
  demo_.add(events({"b"}, "Twice"));
  demo_.add(events({"c"}, "Refused"));
  start();
  ASSERT_TRUE(becomes([&] { return feeder_->refused() == 1; }));
  EXPECT_EQ(feeder_->fed(), 2u);
  EXPECT_EQ(feeder_->duplicates(), 1u);
}

TEST_F(FeederTest, LeavesOutWhatIsNoEvent) {
  auto wrong = events({"a", "b", "c", "d", "e"});
  wrong[0].data = "{oops";
  wrong[1].type = "";
  wrong[2].id = "line\nbreak";
  wrong[3].extensions = "[]";
  demo_.add(std::move(wrong));
  start();
  ASSERT_TRUE(becomes([&] { return feeder_->fed() == 1; }));
  EXPECT_EQ(feeder_->refused(), 4u);
  EXPECT_EQ(subjects_in_log(), (std::vector<std::string>{"e"}));
}

TEST_F(FeederTest, StopsWhileItsBatchWaitsForTheLog) {
  log_.hold_appends = true;
  demo_.add(events({"a"}));
  start();
  ASSERT_TRUE(log_.holding.try_acquire_for(kDeadline));
  std::thread stopper([&] { EXPECT_TRUE(feeder_->stop()); });
  log_.go_on.release();
  stopper.join();
  EXPECT_EQ(feeder_->fed(), 1u);
}

std::string fault(OwnedEvent wrong) { return fault_of(detail::to_abi(wrong.view())).value_or(""); }

TEST(Fault, SaysWhatIsWrongWithAnEvent) {
  OwnedEvent right = event("Set", "a", R"({"text":"[[[\"[[["})");
  EXPECT_EQ(fault(right), "");
  right.subject.clear();
  EXPECT_EQ(fault(right), "") << "a subject is optional";
  EXPECT_EQ(fault(event("", "a", "1")), "its type is empty, too long, or contains control characters");
  EXPECT_EQ(fault(event("Set", std::string(2000, 'a'), "1")), "its subject is too long, or contains control characters");
  EXPECT_EQ(fault(event("Set", "a", "nil")), "its data is not JSON: nil");
  EXPECT_EQ(fault(event("Set", "a", std::string(64, '[') + std::string(64, ']'))), "");
  EXPECT_EQ(fault(event("Set", "a", std::string(65, '[') + std::string(65, ']'))), "its data are nested deeper than 64 levels");
  EXPECT_EQ(fault(event("Set", "a\xc2\x9b", "1")), "its subject is too long, or contains control characters");
  EXPECT_EQ(fault(event("Set", "a", R"({"items":[{"price":1,"\u0070rice":2}]})")), "the member 'items[0].price' is there twice");
}

}  // namespace
}  // namespace statecast::host::test
