#include "plugins/transports/websocket/commands.hpp"

#include <gtest/gtest.h>

#include <random>

namespace statecast::websocket {
namespace {

std::string problem_of(std::string_view text) { return read_command(text).problem; }

Command subscribe(std::string topic, std::string id) {
  Command command;
  command.action = Action::subscribe;
  command.topic = std::move(topic);
  command.id = std::move(id);
  return command;
}

TEST(Commands, ReadsSubscribe) {
  const auto command = read_command(R"({"action":"subscribe","topic":"orders/o-1","last_event_id":"c1","id":7})");
  EXPECT_EQ(command.problem, "");
  EXPECT_EQ(command.action, Action::subscribe);
  EXPECT_EQ(command.topic, "orders/o-1");
  EXPECT_EQ(command.last_event_id, "c1");
  EXPECT_EQ(command.id, "7");
}

TEST(Commands, ReadsUnsubscribe) {
  const auto command = read_command(R"({"action":"unsubscribe","topic":"runs/r-3","id":"u"})");
  EXPECT_EQ(command.problem, "");
  EXPECT_EQ(command.action, Action::unsubscribe);
  EXPECT_EQ(command.topic, "runs/r-3");
  EXPECT_EQ(command.id, R"("u")");
}

TEST(Commands, ReadsPublish) {
  const auto command = read_command(
      R"({"action":"publish","event":{"data":{"a":[9007199254740993],"b":1.5},"subject":"s","type":"T"}})");
  EXPECT_EQ(command.problem, "");
  EXPECT_EQ(command.action, Action::publish);
  EXPECT_EQ(command.event, R"({"data":{"a":[9007199254740993],"b":1.5},"subject":"s","type":"T"})");
  EXPECT_EQ(command.id, "");
}

TEST(Commands, ReadsRenew) {
  const auto command = read_command(R"({"action":"renew","token":"secret"})");
  EXPECT_EQ(command.problem, "");
  EXPECT_EQ(command.action, Action::renew);
  EXPECT_EQ(command.token, "secret");
}

TEST(Commands, ReadsPing) {
  const auto command = read_command(R"( {"id":-1.5, "action":"ping"} )");
  EXPECT_EQ(command.problem, "");
  EXPECT_EQ(pong_message(command), R"({"type":"pong","id":-1.5})");
  EXPECT_EQ(pong_message(read_command(R"({"action":"ping"})")), R"({"type":"pong"})");
}

TEST(Commands, TakesTheSpellingOfStompForTheSameTopic) {
  for (const char* topic : {"orders/o-1", "/topic/orders/o-1", "topic/orders/o-1"}) {
    EXPECT_EQ(read_command(std::string(R"({"action":"subscribe","topic":")") + topic + "\"}").topic, "orders/o-1");
  }
}

TEST(Commands, SayWhatToSendInsteadOfWhatIsNotJson) {
  for (const char* text : {"", "hello", "{\"action\":", R"({"action":"ping"} {})"}) {
    EXPECT_EQ(problem_of(text),
              R"(the message is not JSON: send one object such as {"action":"subscribe","topic":"orders/o-1"})");
  }
}

TEST(Commands, SayWhatToSendInsteadOfWhatIsNotAnObject) {
  for (const char* text : {"[]", "7", "\"ping\"", "null"}) {
    EXPECT_EQ(problem_of(text),
              R"(the message is not a JSON object: send one such as {"action":"subscribe","topic":"orders/o-1"})");
  }
}

TEST(Commands, RefuseDeepNesting) {
  const auto nested = [](std::size_t levels) {
    return R"({"action":"publish","event":{"data":)" + std::string(levels - 2, '[') + std::string(levels - 2, ']') +
           "}}";
  };
  EXPECT_EQ(problem_of(nested(66)), "");
  EXPECT_EQ(problem_of(nested(67)), "the message is nested deeper than 66 levels: send a flatter one");
  EXPECT_EQ(problem_of(std::string(60'000, '[')), "the message is nested deeper than 66 levels: send a flatter one");
}

TEST(Commands, NameTheActionsThereAre) {
  for (const char* text : {"{}", R"({"action":"shout"})", R"({"action":7})", R"({"action":"Ping"})"}) {
    EXPECT_EQ(problem_of(text), "'action' must be one of subscribe, unsubscribe, publish, renew, ping");
  }
}

TEST(Commands, AskForATopic) {
  for (const std::string& topic :
       {std::string("\"\""), std::string("7"), std::string("\"/topic/\""), '"' + std::string(257, 't') + '"'}) {
    EXPECT_EQ(problem_of(R"({"action":"subscribe","topic":)" + topic + "}"),
              "'topic' must be a string of 1 to 256 bytes, such as orders/o-1");
  }
  EXPECT_EQ(problem_of(R"({"action":"unsubscribe"})"),
            "'topic' must be a string of 1 to 256 bytes, such as orders/o-1");
}

TEST(Commands, AskForACursorThatIsAString) {
  EXPECT_EQ(problem_of(R"({"action":"subscribe","topic":"a/b","last_event_id":17})"),
            "'last_event_id' must be a string: the 'cursor' of the last message that arrived");
}

TEST(Commands, AskForAnEvent) {
  for (const char* text : {R"({"action":"publish"})", R"({"action":"publish","event":"T"})"}) {
    EXPECT_EQ(problem_of(text),
              "'event' must be an object: a CloudEvent, or its short form with type, subject and data");
  }
}

TEST(Commands, AskForAToken) {
  for (const char* text :
       {R"({"action":"renew"})", R"({"action":"renew","token":""})", R"({"action":"renew","token":1})"}) {
    EXPECT_EQ(problem_of(text), "'token' must be a string that is not empty");
  }
}

TEST(Commands, AskForAnIdThatIsShortEnoughToKeep) {
  for (const std::string& id :
       {std::string("null"), std::string("{}"), std::string("true"), '"' + std::string(129, 'i') + '"'}) {
    EXPECT_EQ(problem_of(R"({"action":"ping","id":)" + id + "}"),
              "'id' must be a number or a string of at most 128 bytes");
  }
}

TEST(Commands, AreReadOrRefusedWhateverIsSaid) {
  std::mt19937 random(1225);
  const auto below = [&](std::size_t n) { return random() % n; };
  const std::string good =
      R"({"action":"publish","topic":"/topic/a/b","event":{"type":"T","data":[1e3,null]},"id":"\u00e9"})";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = good;
    for (std::size_t n = 1 + below(3); n > 0; --n) text[below(text.size())] = static_cast<char>(below(256));
    const auto command = read_command(text.substr(0, below(10) == 0 ? below(text.size()) : text.size()));
    ASSERT_TRUE(error_message(command, 400, "Bad Request", command.problem).starts_with(R"({"type":"error",)"));
  }
}

TEST(Commands, TellAnErrorUnderWhatCouldBeRead) {
  EXPECT_EQ(error_message(subscribe("orders/o-1", "\"a\\n\""), 429, "Too Many Requests", "wait"),
            R"({"type":"error","action":"subscribe","topic":"orders/o-1","status":429,"title":"Too Many Requests",)"
            R"("detail":"wait","id":"a\n"})");
  EXPECT_EQ(error_message({}, 400, "Bad Request", "no"),
            R"({"type":"error","status":400,"title":"Bad Request","detail":"no"})");
}

TEST(PendingRequests, PutTheHostsResultIntoTheAnswer) {
  PendingRequests pending;
  const auto ref = pending.add(subscribe("orders/o-1", "7"));
  EXPECT_EQ(pending.answer(ref, SC_OK, R"({"resumed":false})"),
            R"({"type":"subscribed","topic":"orders/o-1","resumed":false,"id":7})");
}

TEST(PendingRequests, AnswerInAnyOrderAndOnce) {
  PendingRequests pending;
  const auto first = pending.add(subscribe("a/1", "1")), second = pending.add(subscribe("a/2", "2"));
  EXPECT_EQ(pending.answer(second, SC_OK, "{}"), R"({"type":"subscribed","topic":"a/2","id":2})");
  EXPECT_EQ(pending.answer(first, SC_OK, "{}"), R"({"type":"subscribed","topic":"a/1","id":1})");
  EXPECT_EQ(pending.answer(first, SC_OK, "{}"), "");
  EXPECT_EQ(pending.answer(99, SC_OK, "{}"), "");
}

TEST(PendingRequests, KeepTheNamesOfTheProtocol) {
  PendingRequests pending;
  const auto ref = pending.add(subscribe("a/1", ""));
  EXPECT_EQ(pending.answer(ref, SC_OK, R"({"type":"x","topic":"y","id":"z","resumed":true})"),
            R"({"type":"subscribed","topic":"a/1","resumed":true})");
}

TEST(PendingRequests, AnswerWithoutAResult) {
  PendingRequests pending;
  EXPECT_EQ(pending.answer(pending.add(subscribe("a/1", "1")), SC_OK, ""),
            R"({"type":"subscribed","topic":"a/1","id":1})");
}

TEST(PendingRequests, AreBounded) {
  PendingRequests pending;
  std::uint64_t ref = 0;
  for (std::size_t i = 0; i < PendingRequests::kMost; ++i) {
    ASSERT_FALSE(pending.full());
    ref = pending.add(subscribe("a/1", ""));
  }
  EXPECT_TRUE(pending.full());
  pending.answer(ref, SC_OK, "{}");
  EXPECT_FALSE(pending.full());
}

}  // namespace
}  // namespace statecast::websocket
