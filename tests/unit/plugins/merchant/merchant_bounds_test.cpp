// How many merchants there may be, and how much they may take together.
#include "merchant_fixture.hpp"

namespace statecast::merchant {
namespace {

class MerchantBounds : public MerchantTest {
 protected:
  static testkit::Reported open(testkit::StateKit& merchants, std::string id, std::string_view more = "") {
    return merchants.apply({event("RestaurantStatusChanged", std::move(id), R"({"open":true)" + std::string(more) + "}")});
  }
};

TEST_F(MerchantBounds, OneTooManyIsRefused) {
  testkit::StateKit merchants(table(), R"({"max_merchants":2})");
  open(merchants, "m-1");
  open(merchants, "m-2");
  EXPECT_EQ(open(merchants, "m-3").text(),
            "0: rejected: merchant m-3 would be one too many: 2 merchants are kept, and there is no room for more (max_merchants, max_memory)\n");
  EXPECT_EQ(open(merchants, "m-1", R"(,"name":"Soup")").changes.size(), 1u) << "those that are there go on";
  EXPECT_EQ(merchants.host().metric("merchants"), 2);
  EXPECT_EQ(merchants.host().metric("merchants_limit"), 2);
}

TEST_F(MerchantBounds, WhatWouldTakeTooMuchIsRefused) {
  testkit::StateKit merchants(table(), R"({"max_memory":65536})");
  const std::string note = R"(,"note":")" + std::string(20'000, 'x') + "\"";
  std::size_t kept = 0;
  for (int i = 0; i < 100; ++i) kept += open(merchants, "m-" + std::to_string(i), note).rejections().empty() ? 1 : 0;
  EXPECT_EQ(kept, 3u);
  EXPECT_LE(merchants.host().metric("merchants_bytes"), 65536);
  EXPECT_EQ(open(merchants, "m-0", R"(,"note":")" + std::string(40'000, 'x') + "\"").text(),
            "0: rejected: the merchants would take more than 65536 bytes in all (max_memory)\n");
  EXPECT_TRUE(open(merchants, "m-0", R"(,"note":null)").rejections().empty()) << "what takes less is taken";
}

TEST_F(MerchantBounds, WhatIsLoadedCounts) {
  open(merchants_, "m-1");
  testkit::StateKit again(table(), R"({"max_merchants":1})");
  ASSERT_TRUE(again.load("1.0.0", "m-1", merchants_.save("m-1").value()).ok());
  EXPECT_EQ(open(again, "m-2").rejections().size(), 1u);
}

}  // namespace
}  // namespace statecast::merchant
