#include "host/streaming/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace statecast::host {
namespace {

// Whichever way takes a text, it is what the library thinks.
TEST(IsJsonObject, IsWhatTheLibraryTakesForAnObject) {
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  for (const std::string& text :
       {std::string("{}"), std::string(" {\r\n\t} "), std::string(R"({"a":[1,-2.5,true,false,null,"x",[],{},[{"b":[]}]]})"),
        std::string(R"({"a":"größe","b":"\u00fc\n"})"), std::string(R"({"a":1e5,"b":-0})"), "{\"a\":" + deep + "}", std::string("{\"a\":\"\xff\"}"),
        std::string("{\"a\":\"\n\"}"), std::string(R"({"a":1e999})"), std::string(R"({"a":01})"), std::string(R"({"a":[1,]})"), std::string(R"({"a":[1 2]})"),
        std::string(R"({"a":[1}})"), std::string(R"({"a":{"b":1])"), std::string(R"({"a":1}{"b":2})"), std::string(R"({"a":tru})"), std::string("[]"),
        std::string("1"), std::string("\"{}\""), std::string(""), std::string("{"), std::string("\xef\xbb\xbf{}")}) {
    const auto value = nlohmann::json::parse(text, nullptr, false);
    const bool byte_order_mark = text.starts_with('\xef');
    EXPECT_EQ(is_json_object(text), value.is_object() && !byte_order_mark) << text;
  }
}

TEST(IsJsonObject, TakesAnObjectDeeperThanTheQuickWayGoes) {
  std::string text = "1";
  for (int depth = 1; depth <= 100; ++depth) {
    text = "{\"a\":" + text + "}";
    EXPECT_TRUE(is_json_object(text)) << depth;
    EXPECT_FALSE(is_json_object(text + "}")) << depth;
    EXPECT_FALSE(is_json_object(text.substr(0, text.size() - 1))) << depth;
  }
}

}  // namespace
}  // namespace statecast::host
