#include "host/streaming/state_file.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

namespace statecast::host {

namespace {

constexpr int kApplicationId = 0x53637374;  // "Scst"; `file` and sqlite3 show it
constexpr int kSchemaVersion = 1;
constexpr ::mode_t kFileMode = 0640;
constexpr std::size_t kTrimAtOnce = 2'000;
constexpr std::size_t kReadAtOnce = 1024 * 1024;  // bytes of messages

// Positions are kept as SQLite's signed integers, so they sort only within what a source really uses.
constexpr const char* kSchema = R"(
  CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), version TEXT NOT NULL, messages INTEGER NOT NULL, forgotten TEXT NOT NULL);
  CREATE TABLE positions (
    slot INTEGER PRIMARY KEY, source TEXT NOT NULL, epoch TEXT NOT NULL,
    partition INTEGER NOT NULL, hi INTEGER NOT NULL, lo INTEGER NOT NULL);
  CREATE TABLE keys (key TEXT PRIMARY KEY, changed TEXT NOT NULL, bytes BLOB NOT NULL);
  CREATE TABLE topics (
    topic TEXT PRIMARY KEY, first INTEGER NOT NULL, end INTEGER NOT NULL, trimmed TEXT NOT NULL, newest TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE ended (topic TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE history (
    topic TEXT NOT NULL, at INTEGER NOT NULL, number INTEGER NOT NULL, time_us INTEGER NOT NULL, moment TEXT NOT NULL,
    key TEXT NOT NULL, view TEXT NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (topic, at)) WITHOUT ROWID;
  CREATE INDEX history_by_time ON history (time_us);
  CREATE TABLE dead_letters (
    epoch TEXT NOT NULL, partition INTEGER NOT NULL, hi INTEGER NOT NULL, lo INTEGER NOT NULL,
    source TEXT NOT NULL, noted_us INTEGER NOT NULL, failed INTEGER NOT NULL, reason TEXT NOT NULL, time_us INTEGER NOT NULL,
    id TEXT NOT NULL, event_source TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
    data TEXT NOT NULL, extensions TEXT NOT NULL,
    PRIMARY KEY (epoch, partition, hi, lo)) WITHOUT ROWID;
)";

// Nobody else opens the file, so its index of the journal is in memory, and a second process is refused.
constexpr const char* kTuning = R"(
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -16384;
)";

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t number(const SQLite::Column& column) { return static_cast<std::uint64_t>(column.getInt64()); }

// "<slot>.<hi>.<lo>.<ord>.<partition>.<by refresh>", joined by ';'.
std::string text_of(const Moment& m) {
  std::string out;
  for (const std::uint64_t part : {static_cast<std::uint64_t>(m.slot), m.position.hi, m.position.lo, static_cast<std::uint64_t>(m.position.ord),
                                   static_cast<std::uint64_t>(m.position.partition), static_cast<std::uint64_t>(m.by_refresh)})
    out += (out.empty() ? "" : ".") + std::to_string(part);
  return out;
}

std::string text_of(const std::vector<Moment>& moments) {
  std::string out;
  for (const Moment& moment : moments) out += (out.empty() ? "" : ";") + text_of(moment);
  return out;
}

Moment moment_of(std::string_view text) {
  std::array<std::uint64_t, 6> parts{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::uint64_t& part : parts) {
    const auto read = std::from_chars(at, end, part);
    if (read.ec != std::errc{}) throw StoreError("a moment is not readable: " + std::string(text), true);
    at = read.ptr == end ? end : read.ptr + 1;
  }
  Moment moment;
  moment.slot = parts[0];
  moment.position = {parts[1], parts[2], static_cast<std::uint32_t>(parts[4]), static_cast<std::uint32_t>(parts[3])};
  moment.by_refresh = parts[5] != 0;
  return moment;
}

std::vector<Moment> moments_of(std::string_view text) {
  std::vector<Moment> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    out.push_back(moment_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool damages(const SQLite::Exception& error) {
  return error.getErrorCode() == SQLITE_CORRUPT || error.getErrorCode() == SQLITE_NOTADB;
}

void bind(SQLite::Statement& sql, int i, const std::string& text) { sql.bindNoCopy(i, text); }
void bind(SQLite::Statement& sql, int i, std::int64_t value) { sql.bind(i, value); }

// Runs a statement that returns no rows.
template <class... Values>
void run(SQLite::Statement& sql, const Values&... values) {
  sql.tryReset();
  int i = 0;
  (bind(sql, ++i, values), ...);
  sql.exec();
}

// Begins a statement that returns rows; reset when done.
template <class... Values>
SQLite::Statement& select(SQLite::Statement& sql, const Values&... values) {
  sql.tryReset();
  int i = 0;
  (bind(sql, ++i, values), ...);
  return sql;
}

std::string text_at(SQLite::Statement& sql, int column) {
  const auto value = sql.getColumn(column);
  return {static_cast<const char*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())};
}

SavedTopic topic_at(SQLite::Statement& sql) {
  return {text_at(sql, 0), number(sql.getColumn(1)), number(sql.getColumn(2)), moments_of(text_at(sql, 3)), moments_of(text_at(sql, 4))};
}

DeadLetter letter_at(SQLite::Statement& sql) {
  DeadLetter letter;
  letter.epoch = text_at(sql, 0);
  letter.position = {number(sql.getColumn(2)), number(sql.getColumn(3)), static_cast<std::uint32_t>(number(sql.getColumn(1))), 0};
  letter.source = text_at(sql, 4);
  letter.noted_us = sql.getColumn(5).getInt64();
  letter.failed = sql.getColumn(6).getInt64() != 0;
  letter.reason = text_at(sql, 7);
  letter.time_us = sql.getColumn(8).getInt64();
  letter.id = text_at(sql, 9);
  letter.event_source = text_at(sql, 10);
  letter.type = text_at(sql, 11);
  letter.subject = text_at(sql, 12);
  letter.data = text_at(sql, 13);
  letter.extensions = text_at(sql, 14);
  return letter;
}

}  // namespace

struct StateFile::Statements {
  explicit Statements(SQLite::Database& db) : db_(db) {}
  SQLite::Database& db_;
  SQLite::Statement put_key{db_,
                            "INSERT INTO keys VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET changed = excluded.changed, bytes = excluded.bytes"};
  SQLite::Statement delete_key{db_, "DELETE FROM keys WHERE key = ?"};
  SQLite::Statement put_message{db_, "INSERT OR REPLACE INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
  SQLite::Statement trim_topic{db_, "DELETE FROM history WHERE topic = ? AND at < ?"};
  SQLite::Statement put_topic{db_, "INSERT OR REPLACE INTO topics VALUES (?, ?, ?, ?, ?)"};
  SQLite::Statement delete_topic{db_, "DELETE FROM topics WHERE topic = ?"};
  SQLite::Statement put_ended{db_, "INSERT OR IGNORE INTO ended VALUES (?)"};
  SQLite::Statement delete_ended{db_, "DELETE FROM ended WHERE topic = ?"};
  SQLite::Statement put_letter{db_, "INSERT OR IGNORE INTO dead_letters VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
  SQLite::Statement delete_letter{db_, "DELETE FROM dead_letters WHERE epoch = ? AND partition = ? AND hi = ? AND lo = ?"};
  SQLite::Statement put_head{db_, "INSERT OR REPLACE INTO head VALUES (1, ?, ?, ?)"};
  SQLite::Statement put_position{db_, "INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?, ?, ?)"};
  SQLite::Statement history{db_,
                            "SELECT at, number, time_us, moment, key, view, json FROM history "
                            "WHERE topic = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?"};
  SQLite::Statement moment{db_, "SELECT moment FROM history WHERE topic = ? AND at = ?"};
  SQLite::Statement old_messages{db_, "SELECT topic, at FROM history WHERE time_us < ? ORDER BY time_us LIMIT ?"};
  SQLite::Statement moments_before{db_, "SELECT moment FROM history WHERE topic = ? AND at < ? ORDER BY at"};
  SQLite::Statement topic{db_, "SELECT topic, first, end, trimmed, newest FROM topics WHERE topic = ?"};
  SQLite::Statement letters{db_,
                            "SELECT * FROM dead_letters WHERE (epoch, partition, hi, lo) > (?, ?, ?, ?) "
                            "ORDER BY epoch, partition, hi, lo LIMIT ?"};
  SQLite::Statement letter{db_, "SELECT * FROM dead_letters WHERE epoch = ? AND partition = ? AND hi = ? AND lo = ?"};
};

StateFile::StateFile(std::string path) : path_(std::move(path)) {}
StateFile::~StateFile() = default;

// Every use of SQLite goes through here.
template <class Work>
auto StateFile::guarded(const char* verb, Work&& work) {
  std::lock_guard lock(mutex_);
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    const bool damaged = damages(error);
    throw StoreError(path_ + ": " + (damaged ? "is damaged" : std::string("cannot be ") + verb) + " (" + error.what() + ")", damaged);
  }
}

// ---- opening

Result<std::unique_ptr<StateFile>> StateFile::open(std::string path, const std::function<void(std::string)>& note) {
  std::unique_ptr<StateFile> file(new StateFile(std::move(path)));
  for (const bool again : {false, true}) {
    try {
      file->guarded("opened", [&] { file->open_database(); });
      return file;
    } catch (const StoreError& error) {
      if (!error.damaged() || again)
        return Error{error.what(), "see that no other statecast uses it, that its disk works and has space, and that the user that runs "
                                   "statecast may write there; or change `store.path`"};
      file->sql_.reset();
      file->db_.reset();
      std::error_code failed;
      std::filesystem::rename(file->path_, file->path_ + ".damaged", failed);
      for (const char* part : {"-wal", "-shm", "-journal"}) std::filesystem::remove(file->path_ + part, failed);
      note(std::string(error.what()) + ": moved to " + file->path_ + ".damaged; history is replayed");
    }
  }
  return file;
}

void StateFile::open_database() {
  // Its mode keeps what states know from other users.
  if (const int fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode); fd >= 0) ::close(fd);
  db_ = std::make_unique<SQLite::Database>(path_, SQLite::OPEN_READWRITE);
  db_->exec(kTuning);
  const int application = db_->execAndGet("PRAGMA application_id").getInt();
  const int version = db_->execAndGet("PRAGMA user_version").getInt();
  const bool empty = db_->execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
  if (application == 0 && empty) {
    make_schema();
  } else if (application != kApplicationId) {
    throw StoreError(path_ + ": is the SQLite database of another application", false);
  } else if (version != kSchemaVersion) {
    throw StoreError(path_ + ": was written by another statecast (schema " + std::to_string(version) + ", this one knows " +
                         std::to_string(kSchemaVersion) + ")", false);
  }
  sql_ = std::make_unique<Statements>(*db_);
}

void StateFile::make_schema() {
  SQLite::Transaction transaction(*db_);
  db_->exec(kSchema);
  db_->exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  db_->exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

// ---- writing

void StateFile::begin() {
  if (!in_transaction_) db_->exec("BEGIN IMMEDIATE");
  in_transaction_ = true;
}

void StateFile::roll_back() noexcept {
  std::lock_guard lock(mutex_);
  // Some failures have rolled back by themselves.
  if (db_ != nullptr && sqlite3_get_autocommit(db_->getHandle()) == 0) db_->tryExec("ROLLBACK");
  in_transaction_ = false;
}

void StateFile::write(const CheckpointRows& rows) {
  if (rows.first) roll_back();
  guarded("written", [&] {
    begin();
    if (rows.anew)
      for (const char* table : {"head", "positions", "keys", "topics", "ended", "history"}) db_->exec(std::string("DELETE FROM ") + table);
    for (const SavedKey& key : rows.keys) put(key);
    for (const std::string& key : rows.gone) run(sql_->delete_key, key);
  });
}

std::vector<SavedTopic> StateFile::write(const CheckpointCut& cut) {
  return guarded("written", [&] {
    begin();
    for (const SavedMessage& message : cut.history) put(message);
    for (const SavedTopic& topic : cut.topics) put(topic);
    for (const std::string& topic : cut.topics_gone) {
      run(sql_->trim_topic, topic, INT64_MAX);
      run(sql_->delete_topic, topic);
    }
    for (const std::string& topic : cut.ended_gone) run(sql_->delete_ended, topic);
    for (const std::string& topic : cut.ended) run(sql_->put_ended, topic);
    for (const DeadLetterRef& gone : cut.dead_gone)
      run(sql_->delete_letter, gone.epoch, std::int64_t{gone.position.partition}, number(gone.position.hi), number(gone.position.lo));
    for (const DeadLetter& letter : cut.dead) put(letter);
    auto trimmed = trim_before(cut.history_after_us);
    put_head(cut);
    db_->exec("COMMIT");
    in_transaction_ = false;
    return trimmed;
  });
}

void StateFile::put(const SavedKey& key) {
  const std::string changed = key.changed ? text_of(*key.changed) : std::string();
  sql_->put_key.tryReset();
  sql_->put_key.bindNoCopy(1, key.key);
  sql_->put_key.bindNoCopy(2, changed);
  sql_->put_key.bindNoCopy(3, key.bytes.data(), static_cast<int>(key.bytes.size()));
  sql_->put_key.exec();
}

void StateFile::put(const SavedMessage& saved) {
  const AppendedMessage& message = *saved.message;
  run(sql_->put_message, saved.topic, number(saved.at), number(message.number), message.time_us, text_of(message.moment), message.key,
      message.view, message.json);
}

void StateFile::put(const SavedTopic& topic) {
  run(sql_->trim_topic, topic.topic, number(topic.first));
  run(sql_->put_topic, topic.topic, number(topic.first), number(topic.end), text_of(topic.trimmed), text_of(topic.newest));
}

void StateFile::put(const DeadLetter& letter) {
  run(sql_->put_letter, letter.epoch, std::int64_t{letter.position.partition}, number(letter.position.hi), number(letter.position.lo),
      letter.source, letter.noted_us, std::int64_t{letter.failed}, letter.reason, letter.time_us, letter.id, letter.event_source, letter.type, letter.subject,
      letter.data, letter.extensions);
}

void StateFile::put_head(const CheckpointCut& cut) {
  run(sql_->put_head, cut.version, number(cut.messages), text_of(cut.forgotten));
  for (std::size_t slot = 0; slot < cut.positions.size(); ++slot) {
    const auto& [source, epoch, position] = cut.positions[slot];
    run(sql_->put_position, static_cast<std::int64_t>(slot), source, epoch, std::int64_t{position.partition}, number(position.hi),
        number(position.lo));
  }
}

// A topic keeps what follows its oldest message that is young enough: its places have no hole.
std::vector<SavedTopic> StateFile::trim_before(std::int64_t time_us) {
  std::vector<SavedTopic> trimmed;
  auto& old = select(sql_->old_messages, time_us, static_cast<std::int64_t>(kTrimAtOnce));
  while (old.executeStep()) {
    const std::string name = text_at(old, 0);
    const std::uint64_t first = number(old.getColumn(1)) + 1;
    auto found = std::find_if(trimmed.begin(), trimmed.end(), [&](const SavedTopic& t) { return t.topic == name; });
    if (found == trimmed.end()) found = trimmed.insert(trimmed.end(), SavedTopic{name, 0, 0, {}, {}});
    found->first = std::max(found->first, first);
  }
  old.tryReset();
  for (SavedTopic& topic : trimmed) {
    auto& row = select(sql_->topic, topic.topic);
    if (row.executeStep()) {
      SavedTopic now = topic_at(row);
      row.tryReset();
      topic.first = std::max(topic.first, now.first);
      auto& gone = select(sql_->moments_before, topic.topic, number(topic.first));
      while (gone.executeStep()) note_newest(now.trimmed, moment_of(text_at(gone, 0)));
      gone.tryReset();
      topic.end = now.end;
      topic.trimmed = std::move(now.trimmed);
      topic.newest = std::move(now.newest);
      put(topic);
    }
    row.tryReset();
  }
  return trimmed;
}

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
  return guarded("read", [&] {
    std::optional<DeadLetter> out;
    auto& rows = select(sql_->letter, which.epoch, std::int64_t{which.position.partition}, number(which.position.hi), number(which.position.lo));
    if (rows.executeStep()) out = letter_at(rows);
    rows.tryReset();
    return out;
  });
}

}  // namespace statecast::host
