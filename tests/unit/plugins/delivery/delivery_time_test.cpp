// What a refresh does: drivers go stale, and what is over is forgotten.

#include "delivery_fixture.hpp"

namespace statecast::delivery {
namespace {

constexpr std::int64_t kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr const char* kDriverUpdated = "-: updated drivers/d-1 on drivers/d-1 drivers/all\n";
constexpr const char* kDriverRemoved = "-: removed drivers/d-1 on drivers/d-1 drivers/all\n";

class DeliveryTime : public DeliveryTest {
 protected:
  std::string refresh(std::int64_t after) { return state_.refresh(kStart + after).text(); }
  bool is_stale() { return shown("drivers/d-1").find("stale") != std::string::npos; }
};

// ---- drivers

TEST_F(DeliveryTime, ADriverWithoutALocationForAMinuteIsMarkedStaleOnce) {
  move();
  EXPECT_EQ(refresh(kMinute), "");
  EXPECT_FALSE(is_stale());
  EXPECT_EQ(refresh(kMinute + 1), kDriverUpdated);
  EXPECT_EQ(shown("drivers/d-1"),
            R"({"type":"driver_location","driverId":"d-1","location":{"latitude":43.6532,"longitude":-79.3832,)"
            R"("heading":180,"speed":45.5},"timestamp":"2023-12-20T14:35:00.000Z","stale":true})");
  EXPECT_EQ(refresh(2 * kMinute), "");
}

TEST_F(DeliveryTime, ANewLocationClearsTheMark) {
  move();
  refresh(2 * kMinute);
  EXPECT_EQ(move(kHere, "d-1", kStart + 2 * kMinute).text(), "0: updated drivers/d-1 on drivers/d-1 drivers/all\n");
  EXPECT_FALSE(is_stale());
  EXPECT_EQ(refresh(3 * kMinute), "");
  EXPECT_EQ(refresh(4 * kMinute), kDriverUpdated);
}

TEST_F(DeliveryTime, ALocationThatIsRepeatedWhileStaleClearsTheMarkToo) {
  move();
  refresh(2 * kMinute);
  EXPECT_EQ(move().text(), "0: updated drivers/d-1 on drivers/d-1 drivers/all\n");
  EXPECT_FALSE(is_stale());
}

TEST_F(DeliveryTime, ARejectedLocationLeavesTheMark) {
  move();
  refresh(2 * kMinute);
  move("{}", "d-1", kStart + 2 * kMinute);
  EXPECT_TRUE(is_stale());
}

TEST_F(DeliveryTime, ADriverUnseenForADayIsForgotten) {
  move();
  refresh(2 * kMinute);
  EXPECT_EQ(refresh(kDay), "");
  EXPECT_EQ(refresh(kDay + 1), kDriverRemoved);
  EXPECT_EQ(shown("drivers/d-1"), "nothing");
  EXPECT_EQ(state_.save("drivers/d-1"), std::nullopt);
  EXPECT_EQ(state_.list("drivers/all"), std::vector<std::string>{});
  EXPECT_EQ(refresh(2 * kDay), "");
  move();
  EXPECT_EQ(state_.list("drivers/all"), std::vector<std::string>{"drivers/d-1"});
}

TEST_F(DeliveryTime, ADriverWhoIsForgottenIsNotFirstMarkedStale) {
  move();
  EXPECT_EQ(refresh(2 * kDay), kDriverRemoved);
}

TEST_F(DeliveryTime, EachDriverIsLookedAtByItself) {
  move();
  move(kHere, "d-2", kStart + kMinute);
  move(kHere, "d-0", kStart - kDay);
  EXPECT_EQ(refresh(kMinute + 1),
            std::string("-: removed drivers/d-0 on drivers/d-0 drivers/all\n") + kDriverUpdated);
  EXPECT_EQ(state_.list("drivers/all"), (std::vector<std::string>{"drivers/d-1", "drivers/d-2"}));
}

// ---- runs

TEST_F(DeliveryTime, ARunIsForgottenADayAfterTheEventThatEndedIt) {
  run(R"({"status":"IN_PROGRESS"})");
  run(R"({"status":"COMPLETED"})", "r-1", kStart + kHour);
  run(R"({"status":"COMPLETED"})", "r-1", kStart + 2 * kHour);
  EXPECT_EQ(refresh(kHour + kDay), "");
  EXPECT_EQ(refresh(kHour + kDay + 1), "-: removed runs/r-1 on runs/r-1 runs/all\n");
  EXPECT_EQ(shown("runs/r-1"), "nothing");
  EXPECT_EQ(state_.save("runs/r-1"), std::nullopt);
  EXPECT_EQ(state_.list("runs/all"), std::vector<std::string>{});
}

TEST_F(DeliveryTime, ARunThatHasNotEndedIsKept) {
  run(R"({"status":"IN_PROGRESS"})");
  EXPECT_EQ(refresh(1000 * kDay), "");
  EXPECT_EQ(data(), R"({"status":"IN_PROGRESS"})");
}

// ---- orders

TEST_F(DeliveryTime, AnOrderWithoutAnEventForAWeekIsForgotten) {
  send("o-1", "c-1", "d-1");
  create("o-2", "c-1", kStart + kHour);
  order("o-1", "OUT_FOR_DELIVERY", "", kStart + kHour);
  EXPECT_EQ(refresh(kHour + 7 * kDay), "");
  EXPECT_EQ(refresh(kHour + 7 * kDay + 1),
            "-: touched orders/o-1\n-: touched orders/o-2\n"
            "-: updated partings/customer:c-1/drivers/d-1 on drivers/d-1\n");
  EXPECT_FALSE(state_.admit(claims_of("customer", "c-1"), "drivers/d-1").ok());
}

// ---- clocks that are wrong

TEST_F(DeliveryTime, AJumpOfTheClockForgetsNothing) {
  move();
  run(R"({"status":"COMPLETED"})");
  send("o-1", "c-1", "d-1");
  state_.host().hold_ages_at(kStart);
  EXPECT_EQ(refresh(30 * kDay), kDriverUpdated) << "it is only shown to be stale";
  state_.host().hold_ages_at(kStart + 2);
  EXPECT_EQ(refresh(30 * kDay),
            std::string(kDriverRemoved) + "-: removed runs/r-1 on runs/r-1 runs/all\n-: touched orders/o-1\n"
                                          "-: updated partings/customer:c-1/drivers/d-1 on drivers/d-1\n");
}

TEST_F(DeliveryTime, ADriverIsNotStaleAnyMoreWhenTheClockIsPutBack) {
  move();
  state_.host().hold_ages_at(kStart);
  refresh(kDay);
  EXPECT_TRUE(is_stale());
  EXPECT_EQ(refresh(kSecond), kDriverUpdated);
  EXPECT_FALSE(is_stale());
}

TEST_F(DeliveryTime, AnEventFromTheFutureKeepsNothingLonger) {
  const std::int64_t ahead = kStart + 1000 * kDay;
  move(kHere, "d-1", ahead);
  run(R"({"status":"COMPLETED"})", "r-1", ahead);
  create("o-1", "c-1", ahead);
  EXPECT_EQ(refresh(0), "-: touched drivers/d-1\n-: touched runs/r-1\n-: touched orders/o-1\n");
  EXPECT_NE(shown("drivers/d-1").find(R"("timestamp":"2026-09-15T14:35:00.000Z")"), std::string::npos) << "as it was told";
  EXPECT_EQ(refresh(0), "");
  EXPECT_EQ(refresh(kMinute + 1), kDriverUpdated);
  EXPECT_EQ(refresh(kDay + 1), std::string(kDriverRemoved) + "-: removed runs/r-1 on runs/r-1 runs/all\n");
  EXPECT_EQ(refresh(7 * kDay + 1), "-: touched orders/o-1\n");
}

// ---- last messages

TEST_F(DeliveryTime, ALastMessageIsTakenBackOnceItIsSentSoThatNothingIsKeptOfIt) {
  run(R"({"status":"IN_PROGRESS","driverId":"d-1","orderIds":["o-1"]})");
  create("o-1", "c-1");
  order("o-1", "OUT_FOR_DELIVERY");
  run(R"({"driverId":null})");
  EXPECT_EQ(refresh(kSecond),
            "-: removed partings/customer:c-1/drivers/d-1 on drivers/d-1\n"
            "-: removed partings/driver:d-1/runs/r-1 on runs/r-1\n");
  EXPECT_EQ(refresh(2 * kSecond), "");
}

// ---- settings

TEST_F(DeliveryTime, TheDurationsAreSettings) {
  testkit::StateKit state(table(), R"({"stale_after":1000,"keep":5000,"keep_orders":2000})");
  state.apply({{.type = "DriverLocationUpdated", .subject = "d-1", .data = std::string(kHere), .time_us = kStart},
               {.type = "RunUpdated", .subject = "r-1", .data = R"({"status":"COMPLETED"})", .time_us = kStart},
               {.type = "OrderCreated", .subject = "o-1", .data = R"({"customerId":"c-1"})", .time_us = kStart}});
  EXPECT_EQ(state.refresh(kStart + 1001 * 1000).text(), kDriverUpdated);
  EXPECT_EQ(state.refresh(kStart + 2001 * 1000).text(), "-: touched orders/o-1\n");
  EXPECT_EQ(state.refresh(kStart + 5001 * 1000).text(),
            std::string(kDriverRemoved) + "-: removed runs/r-1 on runs/r-1 runs/all\n");
}

// ---- replay

TEST_F(DeliveryTime, TheClockMakesNoDifferenceToWhatEventsDo) {
  testkit::StateKit later(table(), "{}");
  later.host().clock.advance(std::chrono::hours(100'000));
  std::vector<testkit::OwnedEvent> events = {
      {.type = "RunUpdated", .subject = "r-1", .data = R"({"status":"PLANNED","driverId":"d-1","orderIds":["o-1"]})"},
      {.type = "OrderCreated", .subject = "o-1", .data = R"({"customerId":"c-1"})"},
      {.type = "DriverLocationUpdated", .subject = "d-1", .data = std::string(kHere)},
      {.type = "OrderStatusUpdated", .subject = "o-1", .data = R"({"status":"OUT_FOR_DELIVERY"})"},
      {.type = "RunUpdated", .subject = "r-1", .data = R"({"status":"COMPLETED"})"},
      {.type = "DriverLocationUpdated", .subject = "d-1", .data = "{}"},
      {.type = "RunUpdated", .subject = "r-1", .data = R"({"status":"PLANNED"})"}};
  auto replayed = events;
  for (auto& event : replayed) event.replay = true;
  const auto live = state_.apply(events);
  EXPECT_EQ(live.rejections().size(), 2u) << live.text();
  EXPECT_EQ(live.text(), later.apply(replayed).text());
  for (const char* key : {"runs/r-1", "drivers/d-1", "orders/o-1"}) EXPECT_EQ(state_.save(key), later.save(key)) << key;
}

}  // namespace
}  // namespace statecast::delivery
