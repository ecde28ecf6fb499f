#include "merchant_fixture.hpp"

namespace statecast::merchant {
namespace {

class MerchantCheckpoint : public MerchantTest {
 protected:
  testkit::Outcome load(std::string_view key, std::string_view bytes) { return again_.load("1.0.0", key, bytes); }
  static testkit::Outcome refused(std::string why) { return {SC_REJECTED, std::move(why)}; }

  testkit::StateKit again_{table(), "{}"};
};

constexpr const char* kSaved =
    R"({"fields":{"z":1,"a":"ü"},"status":{"open":true,"until":"2023-12-20T18:00:00Z","over":false},)"
    R"("items":[{"menuItemId":"i-1","name":"Soup","price":4.5,"available":true}],"promotions":[)"
    R"({"over":true,"promotion":{"promotionId":"p-1","title":"Two for one","endsAt":"2023-12-20T13:00:00Z"}},)"
    R"({"over":false,"promotion":{"promotionId":"p-2","title":"Two for one","endsAt":"2023-12-20T19:00:00Z"}}]})";

TEST_F(MerchantCheckpoint, AMerchantIsTheSameAfterARestart) {
  change_status(R"({"open":true,"until":"2023-12-20T18:00:00Z","z":1,"a":"ü"})");
  update_item("i-1", item());
  publish("p-1", promotion("13:00"));
  publish("p-2", promotion("19:00"));
  merchants_.refresh(at("13:00"));
  EXPECT_EQ(merchants_.save("m-1"), kSaved);
  ASSERT_EQ(load("m-1", kSaved), testkit::Outcome{});
  EXPECT_EQ(again_.save("m-1"), kSaved);
  EXPECT_EQ(data_of(again_), data());
  EXPECT_EQ(again_.list("merchants/all"), std::vector<std::string>{"m-1"});
}

TEST_F(MerchantCheckpoint, AMerchantGoesOnAfterARestart) {
  ASSERT_TRUE(load("m-1", kSaved).ok());
  EXPECT_EQ(again_.host().wakes(), 1) << "it may have run out while the host was down";
  EXPECT_EQ(again_.refresh(at("19:00")).text(), "-: updated m-1 on merchants/m-1 merchants/all\n");
  EXPECT_EQ(again_.apply({item_event("i-1", item()), item_event("i-1", item(R"("price":5)"))}).text(),
            "1: updated m-1 on merchants/m-1 merchants/all\n");
  EXPECT_EQ(data_of(again_), shown(kClosed + R"(,"z":1,"a":"ü")",
                                   R"({"menuItemId":"i-1","name":"Soup","price":5,"available":true})"));
}

TEST_F(MerchantCheckpoint, ItsSizeIsCountedOnAfterARestart) {
  update_item("i-1", item(R"("name":")" + std::string(950, 'x') + R"(","price":1,"available":true)"));
  testkit::StateKit small(table(), R"({"max_size":1024})");
  ASSERT_TRUE(small.load("1.0.0", "m-1", merchants_.save("m-1").value()).ok());
  EXPECT_EQ(refusal(small.apply({item_event("i-2", item())})),
            "the merchant would become larger than 1024 bytes (max_size)");
}

TEST_F(MerchantCheckpoint, AMerchantWithoutAStatusIsSavedWithoutOne) {
  update_item("i-1", item());
  EXPECT_EQ(merchants_.save("m-1"),
            R"({"fields":{},"items":[{"menuItemId":"i-1","name":"Soup","price":4.5,"available":true}],)"
            R"("promotions":[]})");
  ASSERT_TRUE(load("m-1", merchants_.save("m-1").value()).ok());
  EXPECT_EQ(data_of(again_), data());
}

TEST_F(MerchantCheckpoint, NothingIsSavedOfAMerchantThatIsNot) { EXPECT_EQ(merchants_.save("m-1"), std::nullopt); }

TEST_F(MerchantCheckpoint, BytesOfAnotherFormAreRefused) {
  for (const char* bytes :
       {"", "7", "{}", R"({"fields":[],"items":[],"promotions":[]})", R"({"fields":{},"items":[]})",
        R"({"fields":{},"status":{"open":true,"until":null},"items":[],"promotions":[]})",
        R"({"fields":{},"items":[],"promotions":[{}]})"})
    EXPECT_EQ(load("m-1", bytes), refused("a merchant was saved in another form")) << bytes;
  EXPECT_EQ(load("m-1", R"({"fields":{},"items":[{}],"promotions":[]})"), refused("data.name is missing"));
  EXPECT_EQ(again_.list("merchants/all"), std::vector<std::string>{});
}

TEST_F(MerchantCheckpoint, AKeyThatIsNoIdOrCameBeforeIsRefused) {
  EXPECT_EQ(load("m 1", kSaved), refused("what was saved as 'm 1' is no merchant: its key is no id"));
  ASSERT_TRUE(load("m-1", kSaved).ok());
  EXPECT_EQ(load("m-1", kSaved), refused("merchant m-1 was saved twice"));
}

}  // namespace
}  // namespace statecast::merchant
