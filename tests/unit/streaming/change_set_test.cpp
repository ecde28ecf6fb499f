#include "host/streaming/change_set.hpp"

#include <gtest/gtest.h>

#include <statecast/state.hpp>

#include "events.hpp"

namespace statecast::host {
namespace {

using test::at;
using test::event;

// A change set over one source of one partition, on whose topics t/a, t/b, ... somebody listens or not.
class ChangeSetTest : public testing::Test {
 protected:
  void listen(std::string_view topic) { interest_.add(topic, "all", 0, 0); }

  // Events at positions `first`, `first` + 1, ..., about to be applied.
  void begin(std::uint64_t first, std::size_t n) {
    std::vector<test::OwnedEvent> events;
    for (std::uint64_t i = 0; i < n; ++i) events.push_back(event("Set", "s", "1", at(first + i)));
    batch_ = test::batch_of(events);
    indices_ = test::all_of(*batch_);
    changes_.begin(batch_.get(), &indices_);
  }
  void begin_refresh() { changes_.begin(nullptr, nullptr); }
  Changes report(std::size_t ev) { return Changes(&changes_.table(), ev); }

  // "key@position" of each entry, in order.
  std::vector<std::string> taken() {
    std::vector<std::string> out;
    for (const auto& entry : changes_.take())
      out.push_back((entry.appended ? "+" : "") + entry.key + "@" + std::to_string(entry.moment.position.hi));
    return out;
  }
  using Words = std::vector<std::string>;

  InterestTable interest_{1};
  Positions positions_{"orders", {{0, "e1"}}};
  ChangeSet changes_{interest_, positions_, HistoryBounds{.messages = 3}};
  Ref<EventBatch> batch_;
  std::vector<std::uint32_t> indices_;
};

TEST_F(ChangeSetTest, GathersKeysInTheOrderOfTheirChanges) {
  listen("t/a"), listen("t/b");
  begin(1, 2);
  report(0).updated("b", {"t/b"});
  report(1).updated("a", {"t/a"});
  EXPECT_EQ(changes_.size(), 2u);
  EXPECT_EQ(taken(), (Words{"b@1", "a@2"}));
  EXPECT_TRUE(changes_.empty());
}

TEST_F(ChangeSetTest, MovesAKeyToThePlaceOfItsLastChange) {
  listen("t/a"), listen("t/b");
  begin(1, 3);
  report(0).updated("a", {"t/a"});
  report(1).updated("b", {"t/b"});
  report(2).updated("a", {"t/a"});
  EXPECT_EQ(taken(), (Words{"b@2", "a@3"}));
}

TEST_F(ChangeSetTest, GathersNothingForTopicsThatNobodyListensTo) {
  begin(1, 1);
  report(0).updated("a", {"t/a"});
  report(0).appended("a", {"t/a"}, "", "{}");
  EXPECT_TRUE(changes_.empty());
}

TEST_F(ChangeSetTest, KeepsTheTopicsOfEarlierChanges) {
  listen("t/a"), listen("t/b");
  begin(1, 3);
  report(0).updated("k", {"t/a", "t/a"});
  report(1).updated("k", {"t/b"});
  report(2).updated("k", {"t/other"});
  const auto entries = changes_.take();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].topics, (std::vector<std::uint32_t>{interest_.find("t/a"), interest_.find("t/b")}));
  EXPECT_EQ(entries[0].moment.position.hi, 3u) << "the key changed again, for whoever waits for the earlier change";
}

TEST_F(ChangeSetTest, TakesAKeyOffTheTopicsThatItLeaves) {
  listen("t/a"), listen("t/b");
  begin(1, 2);
  report(0).updated("k", {"t/a", "t/b"});
  report(1).removed("k", {"t/b", "t/other"});
  report(1).removed("unknown", {"t/a"});
  const auto entries = changes_.take();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].topics, std::vector<std::uint32_t>{interest_.find("t/a")});
}

TEST_F(ChangeSetTest, KeepsEveryAppendedMessageAndNumbersThoseOfAnEvent) {
  listen("t/a");
  begin(1, 2);
  report(0).appended("k", {"t/a"}, "", R"({"n":0})");
  report(0).appended("k", {"t/a"}, "staff", R"({"n":1})");
  report(1).appended("k", {"t/a"}, "", R"({"n":2})");
  const auto entries = changes_.take();
  ASSERT_EQ(entries.size(), 3u);
  std::vector<std::uint32_t> ords;
  for (const auto& entry : entries) ords.push_back(entry.appended->moment.position.ord);
  EXPECT_EQ(ords, (std::vector<std::uint32_t>{0, 1, 0}));
  EXPECT_EQ(entries[1].appended->view, "staff");
  EXPECT_EQ(entries[1].appended->json, R"({"n":1})");
  EXPECT_TRUE(entries[1].moment.position == whole(at(1)));
}

TEST_F(ChangeSetTest, RemembersAppendedMessagesWithoutListeners) {
  begin(1, 4);
  for (std::size_t i = 0; i < 4; ++i) report(i).appended("k", {"t/a", "t/all"}, "", R"({"n":)" + std::to_string(i) + "}");
  for (const char* topic : {"t/a", "t/all"}) {
    const TopicHistory* history = changes_.histories().find(topic);
    ASSERT_NE(history, nullptr) << topic;
    EXPECT_EQ(history->end() - history->first(), 3u) << "bounded";
    EXPECT_EQ(history->at(history->first())->json, R"({"n":1})");
  }
  EXPECT_EQ(changes_.histories().find("t/b"), nullptr);
}

TEST_F(ChangeSetTest, AMessageOfAnEventFromTheFutureIsAsOldAsItsArrival) {
  auto ahead = event("Set", "s", "1", at(1)), before = event("Set", "s", "2", at(2));
  ahead.time_us = INT64_MAX;
  before.time_us = 5;
  batch_ = test::batch_of({ahead, before});
  indices_ = test::all_of(*batch_);
  changes_.begin(batch_.get(), &indices_);
  for (std::size_t i : {0u, 1u}) report(i).appended("k", {"t/a"}, "", "{}");
  const TopicHistory& history = *changes_.histories().find("t/a");
  EXPECT_LE(history.at(0)->time_us, system_clock().now_us());
  EXPECT_EQ(history.at(1)->time_us, 5);
}

TEST_F(ChangeSetTest, RejectsAnEventWhoseMessageIsNoJsonObject) {
  listen("t/a");
  begin(7, 1);
  report(0).appended("k", {"t/a"}, "", "[1]");
  EXPECT_TRUE(changes_.empty());
  ASSERT_NE(changes_.rejections().find(0, at(7)), nullptr);
  EXPECT_EQ(*changes_.rejections().find(0, at(7)), "the message to append is not a JSON object: [1]");
}

TEST_F(ChangeSetTest, CountsARejectedEventOnce) {
  begin(1, 3);
  report(1).rejected("no such order");
  changes_.reject(1, "the state failed: again");
  changes_.reject(2, "the state failed: at last");
  EXPECT_EQ(changes_.rejected(), 2u);
  EXPECT_EQ(*changes_.rejections().find(0, at(2)), "no such order");
  EXPECT_EQ(*changes_.rejections().find(0, at(3)), "the state failed: at last");
  EXPECT_EQ(changes_.rejections().find(0, at(1)), nullptr);
}

TEST_F(ChangeSetTest, IgnoresAReportOfAnEventThatIsNone) {
  begin(1, 1);
  report(5).rejected("of nothing");
  begin_refresh();
  report(SC_NO_EVENT).rejected("of nothing");
  EXPECT_EQ(changes_.rejected(), 0u);
}

TEST_F(ChangeSetTest, GivesARefreshedKeyTheLanesPosition) {
  listen("t/a");
  positions_.advance(0, whole(at(9)));
  begin_refresh();
  report(SC_NO_EVENT).updated("k", {"t/a"});
  const auto entries = changes_.take();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_TRUE(entries[0].moment.by_refresh);
  EXPECT_TRUE(entries[0].moment.position == whole(at(9)));
  EXPECT_TRUE(changes_.keys().changed_since("k", {whole(at(9))}));
}

TEST_F(ChangeSetTest, TakesWhatARefreshAppendsForLaterThanTheEventBeforeIt) {
  positions_.advance(0, whole(at(9)));
  begin_refresh();
  report(SC_NO_EVENT).appended("k", {"t/a"}, "", R"({"n":1})");
  const TopicHistory* history = changes_.histories().find("t/a");
  ASSERT_NE(history, nullptr);
  EXPECT_EQ(history->first_after({whole(at(9))}), history->first());
  EXPECT_EQ(history->first_after({whole(at(10))}), history->end());
}

TEST_F(ChangeSetTest, ResendsAKeyOnceAndLeavesItsChangeInItsPlace) {
  listen("t/a"), listen("t/all");
  positions_.advance(0, whole(at(4)));
  begin(5, 1);
  report(0).updated("a", {"t/a"});
  changes_.resend("b", interest_.find("t/all"));
  changes_.resend("a", interest_.find("t/all"));
  changes_.resend("b", interest_.find("t/all"));
  const auto entries = changes_.take();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].key, "a");
  EXPECT_FALSE(entries[0].moment.by_refresh);
  EXPECT_EQ(entries[0].topics.size(), 2u);
  EXPECT_EQ(entries[1].key, "b");
  EXPECT_TRUE(entries[1].moment.by_refresh);
  EXPECT_EQ(entries[1].topics.size(), 1u);
}

TEST_F(ChangeSetTest, TellsWhichTopicsHaveEnded) {
  listen("t/a");
  begin(1, 1);
  report(0).ended("t/a");
  EXPECT_FALSE(changes_.empty());
  EXPECT_EQ(changes_.take_ended(), Words{"t/a"});
  EXPECT_TRUE(changes_.empty());
}

TEST_F(ChangeSetTest, TellsOfAnEndBeforeTheTopicIsForgottenUnlessMoreComesOnIt) {
  listen("t/a");
  begin(1, 2);
  report(0).ended("t/a");
  report(0).ended("t/nobody");
  changes_.forget_ended("t/a");
  EXPECT_FALSE(changes_.has_ended("t/a"));
  EXPECT_EQ(changes_.take_ended(), Words{"t/a"});
  report(0).ended("t/a");
  changes_.forget_ended("t/a");
  report(1).updated("a", {"t/a"});
  EXPECT_TRUE(changes_.take_ended().empty());
}

TEST_F(ChangeSetTest, RemembersThatATopicHasEndedUntilMoreComesOnIt) {
  listen("t/a");
  begin(1, 3);
  report(0).updated("a", {"t/a", "t/all"});
  report(0).ended("t/a");
  EXPECT_TRUE(changes_.has_ended("t/a"));
  EXPECT_FALSE(changes_.has_ended("t/all"));
  changes_.take_ended();
  report(1).ended("t/a");
  EXPECT_TRUE(changes_.take_ended().empty()) << "it is told once";
  report(2).updated("a", {"t/a"});
  EXPECT_FALSE(changes_.has_ended("t/a"));
}

TEST_F(ChangeSetTest, TellsWhichKeysLeftTopicsThatHadEnded) {
  begin(1, 1);
  report(0).updated("a", {"t/a", "t/all"});
  report(0).ended("t/a");
  report(0).removed("a", {"t/a", "t/all"});
  const auto removed = changes_.take_removed();
  ASSERT_EQ(removed.size(), 1u);
  EXPECT_EQ(removed[0].key, "a");
  EXPECT_EQ(removed[0].topics, Words{"t/a"});
  EXPECT_TRUE(changes_.take_removed().empty());
  changes_.forget_key("a");
  EXPECT_EQ(changes_.keys().size(), 0u);
}

// A State that folds a batch and then walks its keys names events in any order; positions must go forward all the same.
TEST_F(ChangeSetTest, SendsInOrderOfEventsWhateverTheOrderOfReports) {
  listen("t/a"), listen("t/b"), listen("t/c");
  begin(1, 3);
  report(2).updated("c", {"t/c"});
  report(0).updated("a", {"t/a"});
  report(1).updated("b", {"t/b"});
  EXPECT_EQ(taken(), (Words{"a@1", "b@2", "c@3"}));
}

TEST_F(ChangeSetTest, DoesNotMoveAKeyBackToAnEarlierEvent) {
  listen("t/a");
  begin(1, 3);
  report(2).updated("a", {"t/a"});
  report(0).updated("a", {"t/a"});
  EXPECT_EQ(taken(), Words{"a@3"});
  EXPECT_TRUE(changes_.keys().changed_since("a", {whole(at(2))}));
}

// ---- checkpoints

TEST_F(ChangeSetTest, SaysEverythingAgainWhenNothingIsSavedAnyMore) {
  ChangeSet saved(interest_, positions_, {}, true);
  begin(1, 4);
  saved.begin(batch_.get(), &indices_);
  const Changes report(&saved.table(), 0);
  report.updated("a", {"t/a"});
  report.appended("a", {"log/a"}, {}, "{}");
  report.ended("t/a");
  for (std::size_t i = 0; i < 3; ++i) saved.reject(i, "no");
  CheckpointCut first;
  saved.take_unsaved(first);
  EXPECT_EQ(saved.key_table().take_unsaved(10).size(), 1u);
  saved.reject(3, "not yet saved");
  saved.forget_saved({{"e1", at(2)}, {"e1", at(9)}, {"e0", at(1)}});
  EXPECT_EQ(saved.dead_letters().size(), 2u) << "one that is left, and one that was not saved";
  EXPECT_TRUE(saved.dead_letters().contains(0, at(2)));
  EXPECT_TRUE(saved.dead_letters().contains(0, at(4)));
  EXPECT_EQ(saved.key_table().unsaved(), 1u);
  CheckpointCut again;
  saved.take_unsaved(again);
  EXPECT_EQ(again.ended, Words{"t/a"});
  EXPECT_EQ(again.history.size(), 1u);
  EXPECT_EQ(again.topics.size(), 1u);
  ASSERT_EQ(again.dead.size(), 1u);
  EXPECT_EQ(again.dead[0].reason, "not yet saved");
}

TEST_F(ChangeSetTest, SaysNothingOfEndsAndDeadLettersThatNoStoreEverHad) {
  ChangeSet saved(interest_, positions_, {}, true);
  for (int round = 0; round < 3; ++round) {
    begin(1, 1);
    saved.begin(batch_.get(), &indices_);
    const Changes report(&saved.table(), 0);
    report.ended("t/a");
    report.ended("t/b");
    saved.reject(0, "no");
    CheckpointCut failed;
    saved.take_unsaved(failed);
    saved.forget_ended("t/a");
    saved.dead_letters().remove(std::size_t{0}, at(1));
    saved.forget_rejection(0, at(1));
    saved.put_back(failed);
    saved.forget_ended("t/b");
  }
  EXPECT_FALSE(saved.anything_unsaved());
}

TEST_F(ChangeSetTest, TakesAnEndOutOfTheStoreThoughASaveFails) {
  ChangeSet saved(interest_, positions_, {}, true);
  StoredCheckpoint stored;
  stored.ended = {"t/a", "t/b"};
  saved.restore(stored);
  saved.forget_ended("t/a");
  saved.forget_ended("t/b");
  CheckpointCut failed, cut;
  saved.take_unsaved(failed);
  EXPECT_EQ(failed.ended_gone.size(), 2u);
  begin(1, 1);
  saved.begin(batch_.get(), &indices_);
  Changes(&saved.table(), 0).ended("t/b");
  saved.put_back(failed);
  saved.take_unsaved(cut);
  EXPECT_EQ(cut.ended_gone, Words{"t/a"});
  EXPECT_EQ(cut.ended, Words{}) << "the store has t/b still";
}

TEST_F(ChangeSetTest, KeepsDeadLettersWithinTheirBytes) {
  ChangeSet saved(interest_, positions_, {}, true);
  const std::string data = "\"" + std::string(1'000'000, 'x') + "\"";
  for (std::uint64_t hi = 1; hi <= 100; ++hi) {
    batch_ = test::batch_of({event("Set", "s", data, at(hi))});
    indices_ = test::all_of(*batch_);
    saved.begin(batch_.get(), &indices_);
    saved.reject(0, "no");
    ASSERT_LE(saved.dead_letters().bytes(), DeadLetters::kBytesAtMost);
  }
  EXPECT_EQ(saved.dead_letters().size(), 67u);
  EXPECT_EQ(saved.dead_letters().dropped(), 33u);
  EXPECT_TRUE(saved.dead_letters().contains(0, at(100)));
  CheckpointCut cut;
  saved.take_unsaved(cut);
  EXPECT_EQ(cut.dead.size(), 67u);
  EXPECT_EQ(cut.dead_gone.size(), 0u) << "the store had none of those that were dropped";
}

// ---- events that come too early

TEST_F(ChangeSetTest, GivesAnEventThatIsHeldAPlaceAndRemembersWhy) {
  begin(7, 2);
  EXPECT_EQ(report(1).held("its order is not there yet"), "*.e1.0.8");
  EXPECT_TRUE(changes_.rejections().is_held(0, at(8)));
  EXPECT_EQ(*changes_.rejections().find(0, at(8)), "its order is not there yet");
  EXPECT_EQ(changes_.held().held, 1u);
  EXPECT_EQ(changes_.rejected(), 0u);
  report(1).settled("*.e1.0.8");
  EXPECT_EQ(changes_.rejections().find(0, at(8)), nullptr);
  EXPECT_EQ(changes_.held().settled, 1u);
}

TEST_F(ChangeSetTest, LetsNothingBeHeldInARefreshOrWhenAnOperatorRedelivers) {
  begin(7, 1);
  EXPECT_TRUE(report(0).may_hold());
  changes_.begin(batch_.get(), &indices_, true);
  EXPECT_FALSE(report(0).may_hold());
  begin_refresh();
  EXPECT_FALSE(report(SC_NO_EVENT).may_hold());
}

TEST_F(ChangeSetTest, RefusesAnEventOfAnEarlierBatchUnderItsOwnPosition) {
  ChangeSet saved(interest_, positions_, {}, true);
  begin(7, 2);
  saved.begin(batch_.get(), &indices_);
  const std::string place = Changes(&saved.table(), 0).held("its order is not there yet");
  begin(9, 1);
  saved.begin(batch_.get(), &indices_);
  const Event event{.time_us = 5, .id = "e-7", .source = "/s", .type = "T", .subject = "o-1", .data = "[7]", .extensions = R"({"a":1})"};
  Changes(&saved.table(), 0).refused(place, event, "it never came");
  EXPECT_EQ(saved.rejected(), 1u);
  EXPECT_EQ(saved.held().refused, 1u);
  EXPECT_FALSE(saved.rejections().is_held(0, at(7)));
  EXPECT_EQ(*saved.rejections().find(0, at(7)), "it never came");
  EXPECT_EQ(saved.take_refused(), Words{"rejected event 'e-7' (T, subject 'o-1'): it never came"});
  EXPECT_EQ(saved.take_refused(), Words{});
  CheckpointCut cut;
  saved.take_unsaved(cut);
  ASSERT_EQ(cut.dead.size(), 1u);
  const DeadLetter& letter = cut.dead[0];
  EXPECT_TRUE(letter.position == at(7));
  EXPECT_EQ((Words{letter.epoch, letter.id, letter.event_source, letter.type, letter.subject, letter.data, letter.extensions, letter.reason}),
            (Words{"e1", "e-7", "/s", "T", "o-1", "[7]", R"({"a":1})", "it never came"}));
  EXPECT_EQ(letter.time_us, 5);
  EXPECT_FALSE(letter.failed);
}

TEST_F(ChangeSetTest, TakesAnEventThatIsSettledOffTheDeadLetters) {
  ChangeSet saved(interest_, positions_, {}, true);
  begin(7, 1);
  saved.begin(batch_.get(), &indices_);
  saved.reject(0, "in an earlier life");
  const std::string place = Changes(&saved.table(), 0).held("not yet");
  EXPECT_TRUE(saved.dead_letters().contains(0, at(7))) << "nobody knows yet what becomes of it";
  Changes(&saved.table(), 0).settled(place);
  EXPECT_FALSE(saved.dead_letters().contains(0, at(7)));
}

TEST_F(ChangeSetTest, TellsOfARefusalAtAPlaceThatItNeverGave) {
  begin(7, 1);
  for (const char* place : {"", "nonsense", "*.e2.0.7", "*.e1.9.7", "*.e1.0.7~*.e1.0.8"}) {
    report(0).settled(place);
    report(0).refused(place, {.id = "e-7", .type = "T", .subject = "o-1"}, "late");
    const auto told = changes_.take_refused();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0], "rejected event 'e-7' (T, subject 'o-1'): late; it is no dead letter, since its place is unknown: '" +
                           std::string(place) + "'");
  }
  EXPECT_EQ(changes_.rejected(), 0u);
  EXPECT_EQ(changes_.held().settled, 0u);
}

}  // namespace
}  // namespace statecast::host
