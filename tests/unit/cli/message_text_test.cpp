#include "host/cli/message_text.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

constexpr const char* kTime = "14:35:02";

std::string after_time(MessageText& text, std::string_view json) { return text.line(json, kTime).substr(10); }
std::string only(std::string_view json) {
  MessageText text(false);
  return after_time(text, json);
}

TEST(MessageText, ShowsTheEntityItsStatusAndItsFields) {
  MessageText text(false);
  EXPECT_EQ(text.line(R"({"type":"order_update","orderId":"o-1","data":{"status":"PENDING","customerId":"c-1","total":7.50}})", kTime),
            R"(14:35:02  order o-1  PENDING  customerId="c-1" total=7.5)");
}

TEST(MessageText, ShowsOnlyWhatChangedSinceTheMessageBefore) {
  MessageText text(false);
  after_time(text, R"({"type":"order_update","orderId":"o-1","data":{"status":"PENDING","total":7,"payment":{"status":"NONE","amount":7}}})");
  after_time(text, R"({"type":"order_update","orderId":"o-2","data":{"status":"PENDING","total":9}})");
  EXPECT_EQ(after_time(text, R"({"type":"order_update","orderId":"o-1","data":{"status":"CONFIRMED","total":7,"payment":{"status":"SUCCEEDED","amount":7}}})"),
            R"(order o-1  CONFIRMED  payment.status="SUCCEEDED")");
  EXPECT_EQ(after_time(text, R"({"type":"order_update","orderId":"o-1","data":{"status":"CONFIRMED","total":7}})"),
            "order o-1  CONFIRMED  -payment.amount -payment.status");
  EXPECT_EQ(after_time(text, R"({"type":"order_update","orderId":"o-1","data":{"status":"CONFIRMED","total":7}})"), "order o-1  CONFIRMED");
}

TEST(MessageText, KnowsTheOtherMessagesToo) {
  EXPECT_EQ(only(R"({"type":"driver_location","driverId":"d-9","location":{"latitude":43.6,"speed":30},"timestamp":"2023-12-20T14:35:00.000Z"})"),
            R"(driver d-9  location.latitude=43.6 location.speed=30 timestamp="2023-12-20T14:35:00.000Z")");
  EXPECT_EQ(only(R"({"type":"state_update","node":"n-1","status":"RUNNING","state":{"job":"j-1"},"timestamp":1,"index":2})"),
            R"(state n-1  RUNNING  index=2 state.job="j-1" timestamp=1)");
  EXPECT_EQ(only(R"({"type":"greeting","name":"ada","count":2})"), "greeting ada  count=2");
}

TEST(MessageText, ShowsWhatItDoesNotUnderstandAsItIs) {
  EXPECT_EQ(only("7"), R"("7")");
  EXPECT_EQ(only("{}"), "message");
  EXPECT_EQ(only(R"({"type":7,"data":[1]})"), "message  data=[1]");
}

TEST(MessageText, CutsLongValues) {
  EXPECT_EQ(only(R"({"type":"x","a":")" + std::string(100, 'v') + R"("})").substr(0, 3), "x v");
  const auto line = only(R"({"type":"x","xId":"1","a":")" + std::string(58, 'v') + R"(\u00e9\u00e9"})");
  EXPECT_EQ(line, "x 1  a=\"" + std::string(58, 'v') + "...") << "not within a character";
}

TEST(MessageText, LetsNoControlCharacterReachTheTerminal) {
  const auto line = only("{\"type\":\"order_update\",\"orderId\":\"o\\u001b[2J\\u009b1m\\u007f\",\"data\":{\"status\":\"\\u0007\",\"\\u001b]0;x\":1}}");
  for (const unsigned char c : line) EXPECT_TRUE(c >= 0x20 && c != 0x7f) << line;
  EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos);
  EXPECT_EQ(line, R"(order o\u001b[2J\u009b1m\u007f  \u0007   ]0;x=1)");
}

TEST(MessageText, IsPaintedWhereColorIsWanted) {
  MessageText text(true);
  EXPECT_EQ(text.line(R"({"type":"order_update","orderId":"o-1","data":{"status":"READY"}})", kTime),
            "\x1b[2m14:35:02\x1b[0m  \x1b[36morder o-1\x1b[0m  \x1b[1mREADY\x1b[0m");
}

TEST(MessageText, RemembersSoManyEntitiesAndNoMore) {
  MessageText text(false);
  const auto update = [&](std::size_t i) { return after_time(text, R"({"type":"order_update","orderId":"o-)" + std::to_string(i) + R"(","data":{"total":1}})"); };
  for (std::size_t i = 0; i <= MessageText::kEntitiesAtMost; ++i) update(i);
  EXPECT_EQ(text.entities(), MessageText::kEntitiesAtMost);
  EXPECT_EQ(update(MessageText::kEntitiesAtMost), "order o-10000");
  EXPECT_EQ(update(0), "order o-0  total=1");
}

}  // namespace
}  // namespace statecast::host
