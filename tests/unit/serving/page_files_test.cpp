#include "host/serving/page_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace statecast::host {
namespace {

std::string header(const HttpResponse& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
  return found == response.headers.end() ? std::string() : found->second;
}

unsigned status_for(std::string_view if_none_match) { return page_response(*find_page_file("/"), if_none_match).status; }

TEST(PageFiles, AreFoundByTheirPath) {
  ASSERT_NE(find_page_file("/"), nullptr);
  EXPECT_TRUE(find_page_file("/")->bytes.starts_with("<!doctype html>"));
  ASSERT_NE(find_page_file("/page/page.js"), nullptr);
  EXPECT_EQ(find_page_file("/page/page.js")->content_type, "text/javascript; charset=utf-8");
  for (const char* path : {"", "/page", "/page/", "/index.html", "/page/index.html", "/page/../"})
    EXPECT_EQ(find_page_file(path), nullptr) << path;
}

TEST(PageFiles, AreSentWhole) {
  const PageFile& file = *find_page_file("/page/page.css");
  const HttpResponse response = page_response(file, "");
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.content_type, "text/css; charset=utf-8");
  EXPECT_EQ(response.body, file.bytes);
  EXPECT_EQ(header(response, "Cache-Control"), "no-cache");
  EXPECT_EQ(header(response, "ETag"), file.etag);
}

TEST(PageFiles, AreNotSentToAClientThatHasThem) {
  const std::string etag(find_page_file("/")->etag);
  for (const std::string& has : {etag, "W/" + etag, "\"other\" , " + etag, std::string(" * ")}) EXPECT_EQ(status_for(has), 304u) << has;
  for (const char* has : {"", "\"other\"", ",", " ", "W/"}) EXPECT_EQ(status_for(has), 200u) << has;
  EXPECT_EQ(page_response(*find_page_file("/"), etag).body, "");
  EXPECT_EQ(header(page_response(*find_page_file("/"), etag), "ETag"), etag);
}

TEST(PageFiles, HaveTagsThatDifferWithTheContent) {
  EXPECT_NE(find_page_file("/")->etag, find_page_file("/page/page.js")->etag);
  EXPECT_TRUE(find_page_file("/")->etag.starts_with('"') && find_page_file("/")->etag.ends_with('"'));
}

}  // namespace
}  // namespace statecast::host
