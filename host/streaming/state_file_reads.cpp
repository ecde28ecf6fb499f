#include "host/streaming/state_file_sql.hpp"

namespace statecast::host {

namespace {

constexpr std::size_t kReadAtOnce = 1024 * 1024;  // bytes of messages

std::string message_name(const std::string& topic, std::uint64_t place) {
  return "message " + std::to_string(place) + " of topic '" + topic + "'";
}

}  // namespace

// ---- restoring

std::optional<StoredCheckpoint> StateFile::read_head() {
  StoredCheckpoint out;
  SQLite::Statement head(*db_, "SELECT " + checked(kHead) + " FROM head");
  if (!head.executeStep()) return std::nullopt;
  expect_whole(head, 3, "the head of the checkpoint");
  out.version = text_at(head, 0);
  out.messages = number(head.getColumn(1));
  out.forgotten = moments_of(text_at(head, 2));
  SQLite::Statement positions(*db_, "SELECT " + checked(kPositions) + " FROM positions ORDER BY slot");
  while (positions.executeStep()) {
    expect_whole(positions, 6, "a position of the checkpoint");
    out.positions.push_back({text_at(positions, 1), text_at(positions, 2),
                             whole({number(positions.getColumn(4)), number(positions.getColumn(5)),
                                    static_cast<std::uint32_t>(number(positions.getColumn(3))), 0})});
  }
  SQLite::Statement topics(*db_, "SELECT " + checked(kTopics) + " FROM topics");
  while (topics.executeStep()) out.topics.push_back(topic_at(topics));
  SQLite::Statement ended(*db_, "SELECT " + checked(kEnded) + " FROM ended");
  while (ended.executeStep()) {
    expect_whole(ended, 1, "the end of topic '" + text_at(ended, 0) + "'");
    out.ended.push_back(text_at(ended, 0));
  }
  return out;
}

std::optional<StoredCheckpoint> StateFile::head() {
  return guarded("read", [&] { return read_head(); });
}

std::optional<StoredCheckpoint> StateFile::load(const std::function<bool(const SavedKey&)>& take) {
  return guarded("read", [&]() -> std::optional<StoredCheckpoint> {
    auto head = read_head();
    if (!head) return head;
    SQLite::Statement rows(*db_, "SELECT " + checked(kKeys) + " FROM keys ORDER BY key");
    SavedKey key;
    while (rows.executeStep()) {
      key.key = text_at(rows, 0);
      expect_whole(rows, 3, "key '" + key.key + "'");
      const std::string changed = text_at(rows, 1);
      key.changed = changed.empty() ? std::nullopt : std::optional(moment_of(changed));
      key.bytes = text_at(rows, 2);
      if (!take(key)) break;
    }
    return head;
  });
}

// ---- reading

std::vector<SavedMessage> StateFile::history(const std::string& topic, std::uint64_t from, std::uint64_t end, std::size_t limit) {
  return guarded("read", [&] {
    std::vector<SavedMessage> out;
    auto& rows = select(sql_->history, topic, number(from), number(end), static_cast<std::int64_t>(limit));
    std::size_t bytes = 0;
    while (bytes < kReadAtOnce && rows.executeStep()) {
      const auto place = number(rows.getColumn(1));
      expect_whole(rows, 8, message_name(topic, place));
      auto* message = new AppendedMessage;
      auto shared = Ref<AppendedMessage>::adopt(message);
      message->number = number(rows.getColumn(2));
      message->time_us = rows.getColumn(3).getInt64();
      message->moment = moment_of(text_at(rows, 4));
      message->key = text_at(rows, 5);
      message->view = text_at(rows, 6);
      message->json = text_at(rows, 7);
      bytes += message->bytes();
      out.push_back({topic, place, std::move(shared)});
    }
    rows.tryReset();
    return out;
  });
}

std::vector<SavedTopic::Mark> StateFile::marks(const std::string& topic, std::uint64_t from, std::uint64_t end, std::uint64_t step) {
  return guarded("read", [&] {
    std::vector<SavedTopic::Mark> out;
    for (std::uint64_t at = from; at < end; at += step) {
      auto& row = select(sql_->moment, topic, number(at));
      if (row.executeStep()) {
        expect_whole(row, 2, message_name(topic, at));
        out.push_back({at, moment_of(text_at(row, 0))});
      }
      row.tryReset();
    }
    return out;
  });
}

std::optional<std::int64_t> StateFile::time_of(const std::string& topic, std::uint64_t at) {
  return guarded("read", [&] {
    auto& row = select(sql_->time, topic, number(at));
    const auto time_us = row.executeStep() ? std::optional(row.getColumn(0).getInt64()) : std::nullopt;
    row.tryReset();
    return time_us;
  });
}

std::vector<DeadLetter> StateFile::dead_letters(const std::optional<DeadLetterRef>& after, std::size_t limit) {
  return guarded("read", [&] {
    std::vector<DeadLetter> out;
    const DeadLetterRef from = after.value_or(DeadLetterRef{});
    auto& rows = select(sql_->letters, from.epoch, std::int64_t{from.position.partition}, number(from.position.hi), number(from.position.lo));
    while (out.size() < limit && rows.executeStep())
      if (auto letter = whole_letter_at(rows)) out.push_back(std::move(*letter));
    rows.tryReset();
    return out;
  });
}

std::optional<DeadLetter> StateFile::dead_letter(const DeadLetterRef& which) {
  return guarded("read", [&] { return read_letter(which); });
}

std::optional<DeadLetter> StateFile::read_letter(const DeadLetterRef& which) {
  std::optional<DeadLetter> out;
  auto& rows = select(sql_->letter, which.epoch, std::int64_t{which.position.partition}, number(which.position.hi), number(which.position.lo));
  if (rows.executeStep()) out = whole_letter_at(rows);
  rows.tryReset();
  return out;
}

// One that is not as it was written is left out, and told once: it says nothing of the others. A replay that meets its event
// writes it anew.
std::optional<DeadLetter> StateFile::whole_letter_at(SQLite::Statement& row) try {
  return letter_at(row);
} catch (const Unreadable& error) {
  if (broken_told_.insert(error.what()).second) note_(path_ + ": " + error.what() + ": it is left out", true);
  return std::nullopt;
}

}  // namespace statecast::host
