#include "host/streaming/router.hpp"

#include <gtest/gtest.h>

#include "events.hpp"

namespace statecast::host {
namespace {

using test::event;

std::vector<std::size_t> routed(const Router& router, const test::OwnedEvent& owned) {
  std::vector<std::size_t> places;
  const sc_event abi = detail::to_abi(owned.view());
  router.route(abi, [&](std::size_t place) { places.push_back(place); });
  return places;
}

std::vector<Lane*> lanes(std::size_t n) { return std::vector<Lane*>(n, nullptr); }
using Places = std::vector<std::size_t>;

// Cursors name partitions, so these may never change (FNV-1a, 64 bits; the values are the algorithm's published ones).
TEST(PartitionHash, IsTheSameForEver) {
  EXPECT_EQ(partition_hash(""), 0xcbf29ce484222325ull);
  EXPECT_EQ(partition_hash("a"), 0xaf63dc4c8601ec8cull);
  EXPECT_EQ(partition_hash("foobar"), 0x85944171f73967e8ull);
  EXPECT_EQ(partition_hash("\xff"), 0xaf64724c8602eb6eull) << "bytes, not signed characters";
}

TEST(Router, GivesAnEventToEveryStateThatConsumesItsType) {
  Router router;
  router.add_state({{"OrderCreated", "/subject"}}, lanes(1));
  router.add_state({{"RunUpdated", "/subject"}}, lanes(1));
  router.add_state({{"OrderCreated", "/subject"}, {"RunUpdated", "/subject"}}, lanes(1));
  EXPECT_EQ(routed(router, event("OrderCreated", "o-1", "{}")), (Places{0, 2}));
  EXPECT_EQ(routed(router, event("RunUpdated", "r-1", "{}")), (Places{1, 2}));
  EXPECT_EQ(routed(router, event("Unheard", "x", "{}")), Places{});
}

TEST(Router, GivesEveryTypeToAStateThatConsumesAll) {
  Router router;
  router.add_state({{"*", "/subject"}}, lanes(1));
  EXPECT_EQ(routed(router, event("Anything", "x", "{}")), Places{0});
}

TEST(Router, PrefersATypesOwnKeyToThatOfAllTypes) {
  Router router;
  router.add_state({{"*", "/subject"}, {"MenuItemUpdated", "/data/merchantId"}}, lanes(5));
  const auto by = [](const char* key) { return Places{partition_hash(key) % 5}; };
  ASSERT_NE(by("m-8"), by("item"));
  EXPECT_EQ(routed(router, event("MenuItemUpdated", "item", R"({"merchantId":"m-8"})")), by("m-8"));
  EXPECT_EQ(routed(router, event("Anything", "item", R"({"merchantId":"m-8"})")), by("item"));
}

TEST(Router, SendsASubjectToItsPartition) {
  Router router;
  router.add_state({{"First", "/subject"}}, lanes(3));
  router.add_state({{"OrderCreated", "/subject"}}, lanes(4));
  for (const char* subject : {"o-1", "o-2", "o-3", "o-4"})
    EXPECT_EQ(routed(router, event("OrderCreated", subject, "{}")), Places{3 + partition_hash(subject) % 4}) << subject;
}

TEST(Router, TakesThePartitionKeyFromTheData) {
  Router router;
  router.add_state({{"MenuItemUpdated", "/data/merchantId"}, {"Nested", "/data/of/id"}}, lanes(5));
  EXPECT_EQ(routed(router, event("MenuItemUpdated", "item", R"({"merchantId":"m-7"})")), Places{partition_hash("m-7") % 5});
  EXPECT_EQ(routed(router, event("Nested", "x", R"({"of":{"id":42}})")), Places{partition_hash("42") % 5});
}

TEST(Router, SendsAnEventWithoutItsKeyToTheFirstPartition) {
  Router router;
  router.add_state({{"MenuItemUpdated", "/data/merchantId"}}, lanes(5));
  for (const char* data : {"{}", "null", "[1]", R"({"merchantId":null})", R"({"merchantId":{"a":1}})"})
    EXPECT_EQ(routed(router, event("MenuItemUpdated", "item", data)), Places{0}) << data;
}

}  // namespace
}  // namespace statecast::host
