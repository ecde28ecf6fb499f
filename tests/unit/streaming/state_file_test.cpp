#include "state_folder.hpp"

namespace statecast::host {
namespace {

using test::at;

class StateFileTest : public test::StateFolder {
 protected:
  std::string refusal() {
    auto opened = StateFile::open(path(), [](const std::string&, bool) {});
    return opened ? "" : opened.error().what;
  }
  static CheckpointRows rows(std::vector<std::string> keys, bool anew = false) {
    CheckpointRows out;
    out.first = true;
    out.anew = anew;
    for (const std::string& key : keys) out.keys.push_back({key, Moment{0, whole(at(7)), false}, "bytes of " + key});
    return out;
  }
  static CheckpointCut cut(std::uint64_t position) {
    CheckpointCut out;
    out.version = "1.0.0";
    out.positions = {{"events", "e1", whole(at(position))}};
    return out;
  }
  static SavedMessage message(std::uint64_t place, std::int64_t time_us, const std::string& topic = "log/a") {
    auto* made = new AppendedMessage;
    made->number = place + 1;
    made->time_us = time_us;
    made->key = "a";
    made->json = R"({"n":)" + std::to_string(place) + "}";
    made->moment = {0, at(place + 1), false};
    return {topic, place, Ref<AppendedMessage>::adopt(made)};
  }
  static DeadLetter letter(std::uint64_t position, const std::string& reason) {
    DeadLetter out;
    out.source = "events";
    out.epoch = "e1";
    out.position = at(position);
    out.reason = reason;
    return out;
  }
  // "key=bytes" of each, in order.
  static std::vector<std::string> keys_in(StateFile& file) {
    std::vector<std::string> out;
    file.load([&](const SavedKey& key) {
      out.push_back(key.key + "=" + key.bytes);
      return true;
    });
    return out;
  }
};

TEST_F(StateFileTest, GivesBackWhatWasCut) {
  {
    auto file = open();
    EXPECT_FALSE(file->head().has_value()) << "nothing yet";
    file->write(rows({"a", "b"}));
    auto whole_cut = cut(9);
    whole_cut.messages = 12;
    whole_cut.ended = {"orders/a"};
    file->write(whole_cut);
  }
  auto file = open();
  const auto head = file->head();
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->version, "1.0.0");
  EXPECT_EQ(head->messages, 12u);
  EXPECT_EQ(head->ended, Words{"orders/a"});
  ASSERT_EQ(head->positions.size(), 1u);
  EXPECT_EQ(head->positions[0], (SavedPosition{"events", "e1", whole(at(9))}));
  EXPECT_EQ(keys_in(*file), (Words{"a=bytes of a", "b=bytes of b"}));
  file->load([](const SavedKey& key) {
    EXPECT_TRUE(key.changed.has_value() && key.changed->position == whole(at(7)));
    return true;
  });
}

TEST_F(StateFileTest, ForgetsRowsThatNoCutFollows) {
  auto file = open();
  file->write(rows({"a"}));
  file->write(cut(1));
  file->write(rows({"a", "b"}));
  file->roll_back();
  EXPECT_EQ(keys_in(*file), (Words{"a=bytes of a"}));
  file->write(rows({"c"}));
  file = nullptr;
  EXPECT_EQ(keys_in(*open()), (Words{"a=bytes of a"})) << "nor does a file that was closed meanwhile keep them";
}

TEST_F(StateFileTest, BeginsACheckpointWithoutWhatABrokenOffOneLeft) {
  auto file = open();
  file->write(rows({"a"}));
  file->write(rows({"b"}));
  file->write(cut(2));
  EXPECT_EQ(keys_in(*file), (Words{"b=bytes of b"}));
}

TEST_F(StateFileTest, ReplacesAllButTheDeadLettersAnew) {
  auto file = open();
  file->write(rows({"a", "b"}));
  auto first = cut(2);
  first.dead = {letter(1, "no")};
  first.ended = {"orders/a"};
  first.history = {message(0, 1)};
  first.topics = {{"log/a", 0, 1, {}, {}}};
  file->write(first);
  file->write(rows({"c"}, true));
  file->write(cut(5));
  EXPECT_EQ(keys_in(*file), (Words{"c=bytes of c"}));
  EXPECT_TRUE(file->head()->ended.empty());
  EXPECT_TRUE(file->head()->topics.empty());
  EXPECT_TRUE(file->history("log/a", 0, 10, 10).empty());
  EXPECT_EQ(file->dead_letters({}, 10).size(), 1u);
}

TEST_F(StateFileTest, TakesAwayKeysThatAreGone) {
  auto file = open();
  file->write(rows({"a", "b"}));
  file->write(cut(1));
  auto next = rows({});
  next.gone = {"a"};
  file->write(next);
  file->write(cut(2));
  EXPECT_EQ(keys_in(*file), (Words{"b=bytes of b"}));
}

TEST_F(StateFileTest, GivesHistoryInPagesFromAPlace) {
  auto file = open();
  file->write(rows({}));
  auto saved = cut(9);
  for (std::uint64_t i = 0; i < 9; ++i) saved.history.push_back(message(i, 100));
  saved.history.push_back(message(0, 100, "log/b"));
  saved.topics = {{"log/a", 2, 9, {Moment{0, at(2), false}}, {Moment{0, at(9), false}}}};
  file->write(saved);
  const auto page = file->history("log/a", 4, 8, 3);
  ASSERT_EQ(page.size(), 3u);
  EXPECT_EQ(page[0].at, 4u);
  EXPECT_EQ(page[2].message->json, R"({"n":6})");
  EXPECT_TRUE(page[0].message->moment.position == at(5));
  EXPECT_EQ(file->history("log/a", 0, 9, 100).size(), 7u) << "what is before the topic's first place is gone";
  const auto topics = file->head()->topics;
  ASSERT_EQ(topics.size(), 1u);
  EXPECT_EQ(topics[0].first, 2u);
  EXPECT_EQ(topics[0].end, 9u);
}

TEST_F(StateFileTest, TrimsWhatIsTooOldAndTellsOfIt) {
  auto file = open();
  file->write(rows({}));
  auto saved = cut(4);
  for (std::uint64_t i = 0; i < 4; ++i) saved.history.push_back(message(i, static_cast<std::int64_t>(i) * 100));
  saved.topics = {{"log/a", 0, 4, {}, {Moment{0, at(4), false}}}};
  EXPECT_TRUE(file->write(saved).empty());
  file->write(rows({}));
  auto next = cut(5);
  next.history_after_us = 200;
  const auto trimmed = file->write(next);
  ASSERT_EQ(trimmed.size(), 1u);
  EXPECT_EQ(trimmed[0].topic, "log/a");
  EXPECT_EQ(trimmed[0].first, 2u);
  EXPECT_EQ(file->history("log/a", 0, 9, 100).size(), 2u);
  EXPECT_EQ(file->head()->topics[0].first, 2u);
}

TEST_F(StateFileTest, KeepsTheFirstReasonOfADeadLetter) {
  auto file = open();
  file->write(rows({}));
  auto saved = cut(4);
  saved.dead = {letter(1, "first"), letter(3, "other")};
  file->write(saved);
  file->write(rows({}));
  auto again = cut(5);
  again.dead = {letter(1, "second")};
  file->write(again);
  const auto letters = file->dead_letters({}, 10);
  ASSERT_EQ(letters.size(), 2u);
  EXPECT_EQ(letters[0].reason, "first");
  const auto rest = file->dead_letters(DeadLetterRef{"e1", at(1)}, 10);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].reason, "other");
  file->write(rows({}));
  auto gone = cut(6);
  gone.dead_gone = {{"e1", at(1)}};
  file->write(gone);
  EXPECT_FALSE(file->dead_letter({"e1", at(1)}).has_value());
  EXPECT_TRUE(file->dead_letter({"e1", at(3)}).has_value());
}

TEST_F(StateFileTest, RefusesAFileThatIsInUse) {
  auto file = open();
  EXPECT_EQ(refusal(), path() + ": cannot be opened (database is locked)");
}

TEST_F(StateFileTest, RefusesTheFileOfAnotherApplication) {
  execute("CREATE TABLE theirs (x)");
  EXPECT_EQ(refusal(), path() + ": is the SQLite database of another application");
}

TEST_F(StateFileTest, RefusesAFileOfAnotherSchema) {
  open();
  execute("PRAGMA user_version = 9");
  EXPECT_EQ(refusal(), path() + ": was written by another statecast (schema 9, this one knows 2)");
}

}  // namespace
}  // namespace statecast::host
