// What stays in memory of the messages of appended topics, what goes, and what a checkpoint is given.
#include <gtest/gtest.h>

#include <set>

#include "events.hpp"
#include "host/streaming/histories.hpp"

namespace statecast::host {
namespace {

using test::at;

constexpr std::size_t kLength = 1000;
constexpr std::int64_t kSecond = 1'000'000;

struct At : Clock {
  explicit At(std::int64_t us) : us_(us) {}
  std::int64_t now_us() const override { return us_; }
  std::int64_t us_;
};

std::vector<Position> after(std::uint64_t hi) { return {whole(at(hi))}; }

// Each is of the event at its own position, and happened as many seconds after the epoch unless told.
Ref<AppendedMessage> message(std::uint64_t hi, std::size_t length = kLength, std::int64_t second = -1) {
  auto* made = new AppendedMessage;
  made->number = hi;
  made->time_us = (second < 0 ? static_cast<std::int64_t>(hi) : second) * kSecond;
  made->key = "k";
  made->json = std::string(length, 'x');
  made->moment = {0, {hi, 0, 0, 0}, false};
  return Ref<AppendedMessage>::adopt(made);
}

std::size_t size_of_messages(std::size_t n) { return n * message(1)->bytes(); }

CheckpointCut taken(Histories& histories) {
  CheckpointCut cut;
  histories.take_unsaved(cut);
  return cut;
}

CheckpointCut save(Histories& histories, const std::vector<SavedTopic>& trimmed = {}) {
  auto cut = taken(histories);
  histories.on_saved(cut, trimmed);
  return cut;
}

std::vector<std::string> topics_of(const CheckpointCut& cut) {
  std::vector<std::string> out;
  for (const SavedTopic& topic : cut.topics) out.push_back(topic.topic);
  return out;
}

void append(Histories& histories, std::string_view topic, std::uint64_t from, std::uint64_t to, std::size_t length = kLength) {
  for (auto hi = from; hi <= to; ++hi) histories.append(topic, message(hi, length));
}

// ---- the budget

TEST(HistoriesMemory, EvictsTheOldestSavedMessagesOfAllTopics) {
  Histories histories({.memory = size_of_messages(2)}, true);
  histories.append("a", message(1));
  append(histories, "b", 2, 3);
  histories.append("a", message(4));
  save(histories);
  EXPECT_EQ(histories.bytes(), size_of_messages(2));
  EXPECT_EQ(histories.counts().evicted, 2u);
  EXPECT_EQ(histories.counts().dropped, 0u);
  const TopicHistory& a = *histories.find("a");
  const TopicHistory& b = *histories.find("b");
  EXPECT_EQ((std::vector{a.first(), a.resident(), a.end()}), (std::vector<std::uint64_t>{0, 1, 2}));
  EXPECT_EQ((std::vector{b.first(), b.resident(), b.end()}), (std::vector<std::uint64_t>{0, 1, 2}));
  EXPECT_EQ(a.at(1)->number, 4u);
  EXPECT_EQ(b.at(1)->number, 3u);
}

TEST(HistoriesMemory, KeepsWhatIsNotSaved) {
  Histories histories({.memory = size_of_messages(2)}, true);
  append(histories, "a", 1, 4);
  histories.tidy(At(0));
  EXPECT_TRUE(histories.over_budget());
  EXPECT_EQ(histories.find("a")->resident(), 0u);
  const auto cut = taken(histories);
  append(histories, "a", 5, 6);
  histories.on_saved(cut, {});
  EXPECT_EQ(histories.find("a")->resident(), 4u);
  EXPECT_FALSE(histories.over_budget());
  EXPECT_EQ(histories.find("a")->first(), 0u);
}

TEST(HistoriesMemory, AsksForACheckpointBeforeTheBudgetIsFull) {
  Histories histories({.memory = size_of_messages(4)}, true);
  append(histories, "a", 1, 2);
  EXPECT_FALSE(histories.much_unsaved());
  append(histories, "a", 3, 3);
  EXPECT_TRUE(histories.much_unsaved());
  save(histories);
  EXPECT_FALSE(histories.much_unsaved());
}

TEST(HistoriesMemory, DropsTheOldestForGoodWithoutAStore) {
  Histories histories({.memory = size_of_messages(2)}, false);
  append(histories, "a", 1, 4);
  histories.tidy(At(0));
  EXPECT_EQ(histories.find("a")->first(), 2u);
  EXPECT_EQ(histories.counts().dropped, 2u);
  EXPECT_EQ(histories.counts().evicted, 0u);
  EXPECT_FALSE(histories.reaches_back_to("a", after(1)));
  EXPECT_TRUE(histories.reaches_back_to("a", after(2)));
}

TEST(HistoriesMemory, DropsTheOldestForGoodWhenSavingFailsForLong) {
  constexpr std::size_t kLarge = 8 * 1024 * 1024;
  Histories histories({.memory = kLarge}, true);
  append(histories, "a", 1, 12, kLarge);
  auto cut = taken(histories);
  histories.tidy(At(0));
  histories.put_back(cut);
  histories.tidy(At(0));
  EXPECT_GT(histories.counts().dropped, 2u);
  EXPECT_LT(histories.bytes(), 74u * 1024 * 1024);
  const auto first = histories.find("a")->first();
  EXPECT_EQ(first, histories.counts().dropped);
  const auto again = taken(histories);
  ASSERT_EQ(again.history.size(), 12 - first) << "what was dropped is not saved, and so not kept in memory for it";
  EXPECT_EQ(again.history.front().at, first);
  EXPECT_EQ(again.topics.at(0).first, first);
}

TEST(HistoriesMemory, CountsAMessageOfSeveralTopicsOnce) {
  Histories histories({.messages = 1}, false);
  const auto shared = message(1);
  histories.append("a", shared);
  histories.append("b", shared);
  EXPECT_EQ(histories.bytes(), shared->bytes());
  histories.append("a", message(2));
  EXPECT_EQ(histories.bytes(), size_of_messages(2)) << "b still has the first";
  histories.append("b", message(3));
  EXPECT_EQ(histories.bytes(), size_of_messages(2));
}

TEST(HistoriesMemory, DoesNotGrowWithWhatIsTrimmedWhileNothingIsSaved) {
  Histories histories({.messages = 1}, true);
  append(histories, "a", 1, 5000, 1);
  EXPECT_LT(taken(histories).history.size(), 2000u);
}

// ---- who comes back

TEST(HistoriesResume, IsExactWithinWhatIsOnlyInTheStore) {
  Histories histories({.memory = size_of_messages(10)}, true);
  append(histories, "a", 0, 999);
  save(histories);
  const TopicHistory& history = *histories.find("a");
  ASSERT_EQ(history.resident(), 990u);
  EXPECT_TRUE(histories.reaches_back_to("a", after(500)));
  EXPECT_EQ(history.first_after(after(500)), 448u) << "the place behind the last marked one that the client has";
  EXPECT_EQ(history.first_after(after(3)), 0u);
  EXPECT_EQ(history.first_after(after(994)), 995u);
  EXPECT_EQ(history.first_after(after(999)), 1000u);
}

TEST(HistoriesResume, IsExactForAllButTheLastThatWereTrimmedFromTheStore) {
  Histories histories({.messages = 500, .memory = size_of_messages(10)}, true);
  append(histories, "a", 0, 499);
  save(histories);
  append(histories, "a", 500, 699);
  ASSERT_EQ(histories.find("a")->first(), 200u);
  EXPECT_FALSE(histories.reaches_back_to("a", after(198)));
  EXPECT_TRUE(histories.reaches_back_to("a", after(255)));
  EXPECT_EQ(histories.find("a")->first_after(after(255)), 256u);
}

TEST(HistoriesResume, KnowsAllThatWasTrimmedBySlot) {
  Histories histories({.messages = 2, .memory = 0}, true);
  auto other = message(1);
  const_cast<AppendedMessage&>(*other).moment.slot = 1;
  histories.append("a", other);
  append(histories, "a", 5, 6);
  save(histories);
  append(histories, "a", 7, 7);
  EXPECT_TRUE(histories.reaches_back_to("a", {whole(at(6)), whole(at(1))}));
  EXPECT_FALSE(histories.reaches_back_to("a", {whole(at(6)), whole(at(0))}));
}

// ---- topics

// The names of the topics of a million jobs, one message each.
void append_to_topics(Histories& histories, std::uint64_t from, std::uint64_t to) {
  for (auto hi = from; hi <= to; ++hi) histories.append("t" + std::to_string(hi), message(hi));
}

TEST(HistoriesTopics, AreNeverMoreThanTheirBoundWithAStoreOrWithout) {
  for (const bool saved : {false, true}) {
    Histories histories({.topics = 32}, saved);
    for (std::uint64_t hi = 1; hi <= 2000; ++hi) {
      append_to_topics(histories, hi, hi);
      ASSERT_LE(histories.topics(), 32u);
      ASSERT_LE(histories.bytes(), size_of_messages(32));
    }
    EXPECT_EQ(histories.counts().topics_dropped, 2'000 - histories.topics());
    EXPECT_NE(histories.find("t2000"), nullptr);
    EXPECT_EQ(taken(histories).history.size(), saved ? histories.topics() : 0) << "what is forgotten is not saved";
  }
}

TEST(HistoriesTopics, GoByHowLongTheyGotNothing) {
  Histories histories({.topics = 32}, false);
  append_to_topics(histories, 1, 32);
  append(histories, "t1", 33, 33);
  append_to_topics(histories, 34, 34);
  EXPECT_NE(histories.find("t1"), nullptr);
  EXPECT_EQ(histories.find("t2"), nullptr);
  EXPECT_FALSE(histories.reaches_back_to("t2", after(1))) << "its clients are told that they lack something";
}

TEST(HistoriesTopics, LeaveTheStoreWithMemory) {
  Histories histories({.topics = 32}, true);
  append_to_topics(histories, 1, 32);
  save(histories);
  append_to_topics(histories, 33, 33);
  const auto cut = save(histories);
  EXPECT_EQ(cut.topics_gone, std::vector<std::string>{"t1"});
  EXPECT_EQ(topics_of(cut), std::vector<std::string>{"t33"});
}

TEST(HistoriesTopics, ThatNoStoreEverHadNeedNotBeForgottenThere) {
  Histories histories({.topics = 32}, true);
  for (std::uint64_t hi = 1; hi <= 1000; hi += 5) {
    append_to_topics(histories, hi, hi + 1);
    auto cut = taken(histories);
    append_to_topics(histories, hi + 2, hi + 4);
    histories.put_back(cut);
  }
  EXPECT_EQ(taken(histories).topics_gone, std::vector<std::string>{});
}

TEST(HistoriesTopics, ThatAStoreHasAreForgottenThereThoughASaveFails) {
  Histories histories({.topics = 2}, true);
  append_to_topics(histories, 1, 2);
  save(histories);
  append_to_topics(histories, 3, 3);
  auto failed = taken(histories);
  EXPECT_EQ(failed.topics_gone, std::vector<std::string>{"t1"});
  append_to_topics(histories, 1, 1);  // it is back, while its end is being saved
  histories.put_back(failed);
  append_to_topics(histories, 4, 5);
  const auto cut = taken(histories);
  EXPECT_EQ(std::set(cut.topics_gone.begin(), cut.topics_gone.end()), (std::set<std::string>{"t1", "t2"}));
}

TEST(HistoriesTopics, BeyondALoweredBoundLeaveTheStoreAtOnce) {
  StoredCheckpoint stored;
  for (std::uint64_t hi = 1; hi <= 1000; ++hi) stored.topics.push_back({"t" + std::to_string(hi), 0, 1, {}, {{0, whole(at(hi)), false}}});
  Histories histories({.topics = 10}, true);
  histories.restore(stored);
  EXPECT_EQ(histories.topics(), 10u);
  EXPECT_EQ(taken(histories).topics_gone.size(), 990u);
}

TEST(HistoriesTopics, OfARestoredCheckpointAreAsIdleAsTheirNewestMessageIsOld) {
  StoredCheckpoint stored;
  for (const std::uint64_t hi : {1, 15}) {
    stored.topics.push_back({"t" + std::to_string(hi), 0, 1, {}, {{0, whole(at(hi)), false}}});
    stored.topics.back().last_us = static_cast<std::int64_t>(hi) * kSecond;
  }
  Histories histories({.idle_us = 10 * kSecond}, true);
  histories.restore(stored);
  histories.tidy(At(100 * kSecond));
  EXPECT_EQ(histories.find("t1"), nullptr);
  EXPECT_NE(histories.find("t15"), nullptr);
}

TEST(HistoriesTopics, OfARestoredCheckpointGoOldestFirst) {
  StoredCheckpoint stored;
  for (const std::uint64_t hi : {40, 7, 23}) stored.topics.push_back({"t" + std::to_string(hi), 0, 1, {}, {{0, whole(at(hi)), false}}});
  Histories histories({.topics = 3}, true);
  histories.restore(stored);
  append_to_topics(histories, 50, 50);
  EXPECT_EQ(histories.find("t7"), nullptr);
  EXPECT_NE(histories.find("t23"), nullptr);
}

TEST(HistoriesTopics, AreForgottenWhenTheyGotNothingForLong) {
  Histories histories({.idle_us = 10 * kSecond}, false);
  append_to_topics(histories, 1, 3);
  append_to_topics(histories, 12, 12);
  histories.tidy(At(100 * kSecond));
  EXPECT_EQ(histories.find("t1"), nullptr);
  EXPECT_NE(histories.find("t2"), nullptr) << "by the newest message, not by the clock: what rests as a whole stays";
  EXPECT_EQ(histories.counts().topics_dropped, 0u);
}

TEST(HistoriesTopics, AreNotForgottenForAMessageAheadOfTheClock) {
  Histories histories({.idle_us = 10 * kSecond}, false);
  append_to_topics(histories, 1, 2);
  append_to_topics(histories, 1'000'000, 1'000'000);
  histories.tidy(At(5 * kSecond));
  EXPECT_NE(histories.find("t1"), nullptr);
  append_to_topics(histories, 20, 20);
  histories.tidy(At(20 * kSecond));
  EXPECT_EQ(histories.find("t1"), nullptr);
  EXPECT_EQ(histories.find("t1000000"), nullptr) << "nor does it stay for ever";
}

// ---- age

TEST(HistoriesAge, TrimsThroughTheLastThatIsTooOld) {
  Histories histories({.age_us = 100 * kSecond}, false);
  histories.append("a", message(1));
  histories.append("a", message(2, 1, 500));
  histories.append("a", message(3));
  append(histories, "a", 50, 51);
  histories.tidy(At(150 * kSecond));
  EXPECT_EQ(histories.find("a")->first(), 3u);
  EXPECT_FALSE(histories.reaches_back_to("a", after(2)));
  EXPECT_TRUE(histories.reaches_back_to("a", after(3)));
}

TEST(HistoriesAge, IsLookedAtNotOftenerThanItAsksFor) {
  Histories histories({.age_us = 64 * kSecond}, false);
  append(histories, "a", 36, 38);
  histories.tidy(At(100 * kSecond));
  EXPECT_EQ(histories.find("a")->first(), 0u);
  histories.tidy(At(101 * kSecond - 1));
  EXPECT_EQ(histories.find("a")->first(), 0u);
  histories.tidy(At(102 * kSecond));
  EXPECT_EQ(histories.find("a")->first(), 2u);
}

TEST(HistoriesAge, GoesByAClockThatWasPutBack) {
  Histories histories({.age_us = 64 * kSecond}, false);
  append(histories, "a", 36, 38);
  histories.tidy(At(100 * kSecond));
  histories.tidy(At(50 * kSecond));
  EXPECT_EQ(histories.find("a")->first(), 0u);
  histories.tidy(At(101 * kSecond));
  EXPECT_EQ(histories.find("a")->first(), 1u) << "it need not come to where it was first";
}

TEST(HistoriesAge, GoesByTheTimeThatNoJumpMakesOld) {
  struct Held : Clock {
    std::int64_t now_us() const override { return 1000 * kSecond; }
    std::int64_t aged_us(std::int64_t) const override { return 37 * kSecond; }
  } clock;
  Histories histories({.age_us = 64 * kSecond}, false);
  append(histories, "a", 36, 38);
  histories.tidy(clock);
  EXPECT_EQ(histories.find("a")->first(), 1u);
  EXPECT_EQ(histories.oldest_kept_us(clock), 37 * kSecond);
}

TEST(HistoriesAge, KeepsEverythingWithoutABound) {
  Histories histories({}, false);
  append(histories, "a", 1, 3);
  histories.tidy(At(INT64_MAX));
  EXPECT_EQ(histories.find("a")->first(), 0u);
}

TEST(HistoriesAge, AsksForACheckpointForWhatOnlyTheStoreHas) {
  Histories histories({.age_us = kSecond, .memory = 0}, true);
  append(histories, "a", 1, 3);
  save(histories);
  ASSERT_FALSE(histories.unsaved());
  histories.tidy(At(100 * kSecond));
  EXPECT_TRUE(histories.unsaved());
}

TEST(HistoriesAge, ForgetsATopicOfWhichAllIsTooOld) {
  Histories histories({.age_us = 10 * kSecond}, true);
  append(histories, "a", 1, 3);
  save(histories);
  append(histories, "b", 90, 90);
  histories.tidy(At(100 * kSecond));
  EXPECT_EQ(histories.find("a"), nullptr);
  EXPECT_EQ(histories.topics(), 1u);
  EXPECT_EQ(histories.bytes(), size_of_messages(1));
  EXPECT_FALSE(histories.reaches_back_to("a", after(2)));
  EXPECT_TRUE(histories.reaches_back_to("a", after(3)));
  const auto cut = save(histories);
  EXPECT_EQ(cut.topics_gone, std::vector<std::string>{"a"});
  EXPECT_EQ(topics_of(cut), std::vector<std::string>{"b"});
  ASSERT_EQ(cut.forgotten.size(), 1u);
  EXPECT_EQ(cut.forgotten[0].position.hi, 3u);
}

TEST(HistoriesAge, BeginsATopicThatComesBackBeyondItsOldPlaces) {
  Histories histories({.age_us = 10 * kSecond}, true);
  append(histories, "a", 1, 3);
  const auto cut = taken(histories);
  histories.tidy(At(100 * kSecond));
  ASSERT_EQ(histories.find("a"), nullptr);
  append(histories, "a", 100, 101);
  const TopicHistory& history = *histories.find("a");
  EXPECT_EQ(history.first(), 3u);
  EXPECT_EQ(history.end(), 5u);
  EXPECT_FALSE(histories.reaches_back_to("a", after(2)));
  EXPECT_TRUE(histories.reaches_back_to("a", after(3)));
  histories.on_saved(cut, {});
  const auto next = taken(histories);
  EXPECT_TRUE(next.topics_gone.empty()) << "its rows would go with it";
  ASSERT_EQ(topics_of(next), std::vector<std::string>{"a"});
  EXPECT_EQ(next.topics[0].first, 3u) << "which lets the store delete the old rows";
}

TEST(HistoriesAge, DoesNotPutBackWhatIsForgotten) {
  Histories histories({.age_us = 10 * kSecond}, true);
  append(histories, "a", 1, 3);
  auto cut = taken(histories);
  histories.tidy(At(100 * kSecond));
  histories.put_back(cut);
  EXPECT_EQ(histories.find("a"), nullptr);
  const auto next = taken(histories);
  EXPECT_TRUE(next.topics.empty());
  EXPECT_TRUE(next.history.empty());
  EXPECT_TRUE(next.topics_gone.empty()) << "the state file never had it";
}

// ---- checkpoints

TEST(HistoriesCheckpoint, PutsBackWhatWasNotSaved) {
  Histories histories({}, true);
  append(histories, "a", 1, 2);
  auto cut = taken(histories);
  EXPECT_FALSE(histories.unsaved());
  append(histories, "b", 3, 3);
  histories.put_back(cut);
  const auto again = taken(histories);
  std::vector<std::uint64_t> numbers;
  for (const SavedMessage& saved : again.history) numbers.push_back(saved.message->number);
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(topics_of(again), (std::vector<std::string>{"b", "a"}));
}

TEST(HistoriesCheckpoint, SavesAgainWhatMemoryHasWhenTheFileIsLost) {
  Histories histories({.memory = size_of_messages(2)}, true);
  append(histories, "a", 1, 2);
  append(histories, "b", 3, 4);
  save(histories);
  append(histories, "a", 5, 5);
  histories.forget_saved();
  EXPECT_EQ(histories.find("a")->first(), 2u) << "what was in the file alone is gone";
  EXPECT_FALSE(histories.reaches_back_to("a", after(1)));
  EXPECT_TRUE(histories.reaches_back_to("a", after(2)));
  histories.tidy(At(0));
  const auto again = taken(histories);
  std::vector<std::uint64_t> numbers;
  for (const SavedMessage& saved : again.history) numbers.push_back(saved.message->number);
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{3, 4, 5})) << "and none of it leaves memory before it is saved";
  EXPECT_EQ(again.topics.size(), 2u);
  histories.on_saved(again, {});
  EXPECT_EQ(histories.bytes(), size_of_messages(2));
}

TEST(HistoriesCheckpoint, TakesOverWhatTheStoreTrimmed) {
  Histories histories({.memory = 0}, true);
  append(histories, "a", 1, 4);
  append(histories, "b", 5, 5);
  save(histories, {{"a", 2, 4, {message(2)->moment}, {message(4)->moment}}, {"b", 1, 1, {message(5)->moment}, {message(5)->moment}}});
  EXPECT_EQ(histories.find("a")->first(), 2u);
  EXPECT_FALSE(histories.reaches_back_to("a", after(1)));
  EXPECT_TRUE(histories.reaches_back_to("a", after(2)));
  EXPECT_EQ(histories.find("b"), nullptr) << "nothing is left of it";
  EXPECT_FALSE(histories.reaches_back_to("b", after(4)));
  EXPECT_TRUE(histories.reaches_back_to("b", after(5)));
}

TEST(HistoriesCheckpoint, GoesOnFromWhatWasStored) {
  Histories histories({.messages = 500}, true);
  append(histories, "old", 1, 1);
  StoredCheckpoint stored;
  stored.topics.push_back({"a", 0, 500, {}, {message(499)->moment}, {}});
  for (std::uint64_t place = 63; place < 500; place += 64) stored.topics[0].marks.push_back({place, message(place)->moment});
  histories.restore(stored);
  EXPECT_EQ(histories.find("old"), nullptr);
  EXPECT_EQ(histories.bytes(), 0u);
  EXPECT_FALSE(histories.unsaved());
  append(histories, "a", 500, 509);
  const TopicHistory& history = *histories.find("a");
  EXPECT_EQ((std::vector{history.first(), history.resident(), history.end()}), (std::vector<std::uint64_t>{10, 500, 510}));
  EXPECT_TRUE(histories.reaches_back_to("a", after(100)));
  EXPECT_EQ(history.first_after(after(100)), 64u);
  EXPECT_FALSE(histories.reaches_back_to("a", after(8)));
}

}  // namespace
}  // namespace statecast::host
