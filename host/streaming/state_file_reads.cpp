#include "host/streaming/state_file_sql.hpp"

namespace statecast::host {

namespace {

constexpr std::size_t kReadAtOnce = 1024 * 1024;  // bytes of messages

}  // namespace

// ---- restoring

std::optional<StoredCheckpoint> StateFile::read_head() {
  StoredCheckpoint out;
  SQLite::Statement head(*db_, "SELECT version, messages, forgotten FROM head");
  if (!head.executeStep()) return std::nullopt;
  out.version = text_at(head, 0);
  out.messages = number(head.getColumn(1));
  out.forgotten = moments_of(text_at(head, 2));
  SQLite::Statement positions(*db_, "SELECT source, epoch, partition, hi, lo FROM positions ORDER BY slot");
  while (positions.executeStep())
    out.positions.push_back({text_at(positions, 0), text_at(positions, 1),
                             whole({number(positions.getColumn(3)), number(positions.getColumn(4)),
                                    static_cast<std::uint32_t>(number(positions.getColumn(2))), 0})});
  SQLite::Statement topics(*db_, "SELECT topic, first, end, trimmed, newest FROM topics");
  while (topics.executeStep()) out.topics.push_back(topic_at(topics));
  SQLite::Statement ended(*db_, "SELECT topic FROM ended");
  while (ended.executeStep()) out.ended.push_back(text_at(ended, 0));
  return out;
}

std::optional<StoredCheckpoint> StateFile::head() {
  return guarded("read", [&] { return read_head(); });
}

std::optional<StoredCheckpoint> StateFile::load(const std::function<bool(const SavedKey&)>& take) {
  return guarded("read", [&]() -> std::optional<StoredCheckpoint> {
    auto head = read_head();
    if (!head) return head;
    SQLite::Statement rows(*db_, "SELECT key, changed, bytes FROM keys ORDER BY key");
    SavedKey key;
    while (rows.executeStep()) {
      key.key = text_at(rows, 0);
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
      auto* message = new AppendedMessage;
      auto shared = Ref<AppendedMessage>::adopt(message);
      message->number = number(rows.getColumn(1));
      message->time_us = rows.getColumn(2).getInt64();
      message->moment = moment_of(text_at(rows, 3));
      message->key = text_at(rows, 4);
      message->view = text_at(rows, 5);
      message->json = text_at(rows, 6);
      bytes += message->bytes();
      out.push_back({topic, number(rows.getColumn(0)), std::move(shared)});
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
      if (row.executeStep()) out.push_back({at, moment_of(text_at(row, 0))});
      row.tryReset();
    }
    return out;
  });
}

std::vector<DeadLetter> StateFile::dead_letters(const std::optional<DeadLetterRef>& after, std::size_t limit) {
  return guarded("read", [&] {
    std::vector<DeadLetter> out;
    const DeadLetterRef from = after.value_or(DeadLetterRef{});
    auto& rows = select(sql_->letters, from.epoch, std::int64_t{from.position.partition}, number(from.position.hi), number(from.position.lo),
                        static_cast<std::int64_t>(limit));
    while (rows.executeStep()) out.push_back(letter_at(rows));
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
  if (rows.executeStep()) out = letter_at(rows);
  rows.tryReset();
  return out;
}

}  // namespace statecast::host
