// A state's file is read only as what it was written for: what is of another plugin, or of other settings, is kept aside.
#include "state_folder.hpp"

namespace statecast::host {
namespace {

using Numbers = std::vector<std::uint64_t>;
using IdentityOfAFile = test::StateFolder;

TEST_F(IdentityOfAFile, OfAnotherPluginIsKeptAsideAndComesBackWithIt) {
  save(*open(), {"a", "b"}, 7, {3});
  {
    const auto merchant = open(of("merchant"));
    EXPECT_FALSE(merchant->head().has_value());
    EXPECT_EQ(letters_in(*merchant), Numbers{}) << "an order's dead letter means nothing to a merchant";
    save(*merchant, {"m"}, 20, {12});
  }
  const std::string orders = path() + "." + ending_of(of("order")), merchants = path() + "." + ending_of(of("merchant"));
  EXPECT_EQ(notes_, Words{path() + ": it is of plugin 'order', not 'merchant': it is kept as " + orders +
                          ", with its 1 dead letter; history is replayed from its start"});
  EXPECT_TRUE(std::filesystem::exists(orders));
  const auto order = open();
  EXPECT_EQ(keys_in(*order), (Words{"a", "b"}));
  EXPECT_EQ(order->head()->positions[0].position.hi, 7u);
  EXPECT_EQ(letters_in(*order), Numbers{3});
  EXPECT_EQ(notes_.back(), path() + ": it is of plugin 'merchant', not 'order': it is kept as " + merchants +
                               ", with its 1 dead letter; what was kept under the present configuration is taken back, and what came since is replayed");
  EXPECT_EQ(others().size(), 1u + 1u) << "the merchants' file, and the journal of the one that is open";
}

TEST_F(IdentityOfAFile, OfOtherSettingsHandsOverTheDeadLettersThatAreNotFolded) {
  save(*open(of("order", R"({"keep":1})")), {"a"}, 7, {3});
  {
    const auto other = open(of("order", R"({"keep":2})"));
    EXPECT_EQ(keys_in(*other), Words{});
    EXPECT_EQ(letters_in(*other), Numbers{3});
    save(*other, {"b"}, 20, {5, 12});
  }
  EXPECT_NE(notes_.back().find("the setting 'keep' was another: it is kept as "), std::string::npos) << notes_.back();
  EXPECT_NE(notes_.back().find(", and its dead letters are taken over; history is replayed from its start"), std::string::npos) << notes_.back();
  const auto first = open(of("order", R"({"keep":1})"));
  EXPECT_EQ(keys_in(*first), Words{"a"});
  EXPECT_EQ(letters_in(*first), (Numbers{3, 12})) << "event 5 was folded under these settings";
}

TEST_F(IdentityOfAFile, IsMadeOfWhatShapesWhatIsSaved) {
  const std::string schema = R"({"properties":{"keep":{"default":24},"staff_only":{"shapes_saved":false}}})";
  FileIdentity usual, explicit_default, other, rendering;
  add_settings(usual, "{}", schema);
  add_settings(explicit_default, R"({"keep":24})", schema);
  add_settings(other, R"({"keep":25})", schema);
  add_settings(rendering, R"({"staff_only":["cost"]})", schema);
  EXPECT_EQ(usual, explicit_default);
  EXPECT_EQ(usual, rendering);
  EXPECT_EQ(difference(usual, other), "the setting 'keep' was another");
}

TEST_F(IdentityOfAFile, SaysWhatDiffers) {
  const auto differ = [](FileIdentity saved, FileIdentity now) { return difference(saved, now); };
  EXPECT_EQ(differ({{kPartitionFact, "1 of 2"}}, {{kPartitionFact, "1 of 3"}}), "it is of partition 1 of 2, not 1 of 3");
  EXPECT_EQ(differ({{kSourcesFact, "a, b"}, {"history of a", "x"}}, {{kSourcesFact, "b, a"}}), "it is of other sources (a, b, not b, a)");
  EXPECT_EQ(differ({{"history of a", "x"}}, {{"history of a", "y"}}), "source 'a' has another history now");
  EXPECT_EQ(differ({{"setting secret", "x"}, {"ABI", "1"}}, {{"ABI", "2"}}), "its ABI is '1', not '2', and the setting 'secret' was another");
  EXPECT_EQ(differ({{"ABI", "1"}}, {{"ABI", "1"}}), "");
}

TEST_F(IdentityOfAFile, IsExchangedToItsEndWhenTheHostEndedBetweenTheRenames) {
  save(*open(), {"a"}, 7);
  save(*open(of("merchant")), {"m"}, 9);
  std::filesystem::rename(path(), path() + "." + ending_of(of("merchant")));
  EXPECT_EQ(keys_in(*open()), Words{"a"});
}

TEST_F(IdentityOfAFile, KeepsABoundedNumberOfOthersAndTellsWhichGoes) {
  for (int i = 0; i <= StateFile::kKeptAtMost + 1; ++i) save(*open(of("order", R"({"keep":)" + std::to_string(i) + "}")), {"a"}, 7);
  EXPECT_EQ(others().size(), static_cast<std::size_t>(StateFile::kKeptAtMost));
  const std::string oldest = path() + "." + ending_of(of("order", R"({"keep":0})"));
  EXPECT_FALSE(std::filesystem::exists(oldest));
  EXPECT_EQ(notes_.back(), oldest + ": is deleted, since 10 newer ones are kept");
}

// ---- an earlier statecast's file, which has neither checksums nor an identity

class EarlierFile : public test::StateFolder {
 protected:
  void make(const Words& keys) {
    save(*open(), keys, 7, {3});
    execute("DROP TABLE identity");
    for (const char* table : {"head", "positions", "keys", "topics", "ended", "history", "dead_letters"})
      execute(std::string("ALTER TABLE ") + table + " DROP COLUMN checksum");
    execute("PRAGMA user_version = 1");
  }
};

TEST_F(EarlierFile, IsUpgradedWithAllThatItHas) {
  make({"a", "b"});
  {
    const auto file = open();
    EXPECT_EQ(keys_in(*file), (Words{"a", "b"}));
    EXPECT_EQ(letters_in(*file), Numbers{3});
    EXPECT_EQ(file->history("log/a", 0, 9, 9).size(), 1u);
    EXPECT_EQ(file->head()->ended, Words{"orders/ended"});
  }
  EXPECT_EQ(notes_, Words{path() + ": was written by an earlier statecast, and now has checksums and says of which plugin it is"});
  open(of("merchant"));
  EXPECT_NE(notes_.back().find("it is of plugin 'order', not 'merchant'"), std::string::npos) << notes_.back();
}

TEST_F(EarlierFile, WithoutAKeySaysNothingOfItsPluginAndKeepsItsDeadLetters) {
  make({});
  const auto file = open();
  EXPECT_FALSE(file->head().has_value());
  EXPECT_EQ(letters_in(*file), Numbers{3});
  EXPECT_NE(notes_.back().find("its checkpoint has no key, so nobody knows that: history is replayed from its start"), std::string::npos);
}

// ---- a byte that changed

class ChangedByte : public test::StateFolder, public testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(ChangedByte, IsNamedAndTakenForDamageOfTheFile) {
  save(*open(), {"a", "b"}, 7, {3});
  execute(std::string("UPDATE ") + GetParam().first);
  const auto file = open();
  EXPECT_EQ(sentence_of([&] {
              file->load([](const SavedKey&) { return true; });
              file->history("log/a", 0, 9, 9);
            }),
            path() + ": is damaged (" + GetParam().second + " is not as it was written)");
}

INSTANTIATE_TEST_SUITE_P(InEachTable, ChangedByte,
                         testing::Values(std::pair("keys SET bytes = CAST('bytes of B' AS BLOB) WHERE key = 'b'", "key 'b'"),
                                         std::pair("keys SET changed = '0.1.0.0.0.0' WHERE key = 'b'", "key 'b'"),
                                         std::pair("positions SET hi = 8", "a position of the checkpoint"),
                                         std::pair("head SET version = '1.0.1'", "the head of the checkpoint"),
                                         std::pair("topics SET end = 2", "topic 'log/a'"),
                                         std::pair("ended SET topic = 'orders/endee'", "the end of topic 'orders/endee'"),
                                         std::pair("history SET json = '{\"n\":2}'", "message 0 of topic 'log/a'"),
                                         std::pair("history SET at = 1", "message 1 of topic 'log/a'")));

TEST_F(IdentityOfAFile, ThatChangedIsDamage) {
  save(*open(), {"a"}, 7, {3});
  execute("UPDATE identity SET value = 'ordes' WHERE value = 'order'");
  const auto file = open();
  EXPECT_FALSE(file->head().has_value());
  EXPECT_EQ(letters_in(*file), Numbers{3});
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_NE(notes_[0].find(": is damaged (what it is of is not as it was written): moved to "), std::string::npos) << notes_[0];
}

TEST_F(ChangedByte, OfADeadLetterLeavesThatOneOutUntilItIsWrittenAnew) {
  save(*open(), {"a"}, 7, {3, 4, 5});
  execute("UPDATE dead_letters SET data = '{\"total\":9}' WHERE hi = 4");
  const auto file = open();
  EXPECT_EQ(letters_in(*file), (Numbers{3, 5}));
  EXPECT_FALSE(file->dead_letter({"e1", test::at(4)}).has_value());
  EXPECT_EQ(notes_, Words{path() + ": the dead letter of event 4 ('o-4') is not as it was written: it is left out"}) << "told once";
  save(*file, {"a"}, 7, {4});
  EXPECT_EQ(letters_in(*file), (Numbers{3, 4, 5}));
}

}  // namespace
}  // namespace statecast::host
