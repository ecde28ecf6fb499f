#include "host/ops/log_line.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace statecast::host::log {
namespace {

TEST(LogLine, OfTextIsOneLineWhateverIsInIt) {
  EXPECT_EQ(payload(Format::kText, {"state orders", "one\ntwo\x1b[0m", {{"fix", "do\tthis"}}}),
            "state orders: one two [0m   = fix: do this");
}

TEST(LogLine, OfJsonIsTheRestOfAnObject) {
  EXPECT_EQ(payload(Format::kJson, {"main", "one\ntwo \"three\"", {{"fix", "this"}}}),
            R"("component":"main","message":"one\ntwo \"three\"","fix":"this"})");
}

TEST(LogLine, OfJsonStaysUtf8) {
  const std::string line = payload(Format::kJson, {"main", "a\xff", {}});
  EXPECT_EQ(nlohmann::json::parse("{" + line)["message"], "a\xEF\xBF\xBD");
}

TEST(LogLine, OfEachFormatEscapesWhatATerminalObeysUnseen) {
  const Line line{"state orders", "a\u009b2Jb\u202ec\u2066d", {{"why", "e\u2028f\x7f"}}};
  EXPECT_EQ(payload(Format::kText, line), R"(state orders: a\u009b2Jb\u202ec\u2066d   = why: e\u2028f\u007f)");
  EXPECT_EQ(payload(Format::kJson, line), R"("component":"state orders","message":"a\u009b2Jb\u202ec\u2066d","why":"e\u2028f\u007f"})");
  EXPECT_EQ(journal_fields(payload(Format::kJournald, line)),
            (std::vector<std::string_view>{R"(MESSAGE=a\u009b2Jb\u202ec\u2066d)", "STATECAST_COMPONENT=state orders", R"(STATECAST_WHY=e\u2028f\u007f)"}));
}

TEST(LogLine, OfTheJournalIsItsFields) {
  const std::string line =
      payload(Format::kJournald, {"main", std::string("one\ntwo\0three", 13), {{"fix", "this"}}});
  EXPECT_EQ(journal_fields(line), (std::vector<std::string_view>{"MESSAGE=one\ntwo three", "STATECAST_COMPONENT=main",
                                                                 "STATECAST_FIX=this"}));
}

}  // namespace
}  // namespace statecast::host::log
