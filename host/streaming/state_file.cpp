#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "host/streaming/state_file_moves.hpp"
#include "host/streaming/state_file_sql.hpp"

namespace statecast::host {

namespace {

constexpr int kApplicationId = 0x53637374;  // "Scst"; `file` and sqlite3 show it
constexpr int kSchemaVersion = 2;
constexpr int kWithoutChecksums = 1;  // and without an identity
constexpr std::size_t kTrimAtOnce = 2'000;

// Positions are kept as SQLite's signed integers, so they sort only within what a source really uses.
constexpr const char* kSchema = R"(
  CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1), version TEXT NOT NULL, messages INTEGER NOT NULL, forgotten TEXT NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE positions (
    slot INTEGER PRIMARY KEY, source TEXT NOT NULL, epoch TEXT NOT NULL,
    partition INTEGER NOT NULL, hi INTEGER NOT NULL, lo INTEGER NOT NULL, checksum INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE keys (key TEXT PRIMARY KEY, changed TEXT NOT NULL, bytes BLOB NOT NULL, checksum INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE topics (
    topic TEXT PRIMARY KEY, first INTEGER NOT NULL, end INTEGER NOT NULL, trimmed TEXT NOT NULL, newest TEXT NOT NULL,
    checksum INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
  CREATE TABLE ended (topic TEXT PRIMARY KEY, checksum INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
  CREATE TABLE history (
    topic TEXT NOT NULL, at INTEGER NOT NULL, number INTEGER NOT NULL, time_us INTEGER NOT NULL, moment TEXT NOT NULL,
    key TEXT NOT NULL, view TEXT NOT NULL, json TEXT NOT NULL, checksum INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, at)) WITHOUT ROWID;
  CREATE INDEX history_by_time ON history (time_us);
  CREATE TABLE dead_letters (
    epoch TEXT NOT NULL, partition INTEGER NOT NULL, hi INTEGER NOT NULL, lo INTEGER NOT NULL,
    source TEXT NOT NULL, noted_us INTEGER NOT NULL, failed INTEGER NOT NULL, reason TEXT NOT NULL, time_us INTEGER NOT NULL,
    id TEXT NOT NULL, event_source TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
    data TEXT NOT NULL, extensions TEXT NOT NULL, checksum INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (epoch, partition, hi, lo)) WITHOUT ROWID;
)";
constexpr const char* kIdentitySchema =
    "CREATE TABLE identity (fact TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID";

// Nobody else opens the file, so its index of the journal is in memory, and a second process is refused.
constexpr const char* kTuning = R"(
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -16384;
)";

}  // namespace

StateFile::StateFile(std::string path, Note note, FileIdentity identity)
    : path_(std::move(path)), note_(std::move(note)), identity_(std::move(identity)) {}
StateFile::~StateFile() = default;

// ---- opening

Result<std::unique_ptr<StateFile>> StateFile::open(std::string path, Note note, FileIdentity identity) {
  std::unique_ptr<StateFile> file(new StateFile(std::move(path), std::move(note), std::move(identity)));
  try {
    file->guarded("opened", [] {});
  } catch (const StoreError& error) {
    if (!error.damaged())
      return Error{error.what(), "see that no other statecast uses it, that its disk works and has space, and that the user that runs "
                                 "statecast may write there; or change `store.path`"};
    file->begin_anew(error.what());
  }
  file->known_ = true;
  return file;
}

void StateFile::close_database() {
  inode_ = journal_ = std::nullopt;
  sql_.reset();
  db_.reset();
  in_transaction_ = false;
}

void StateFile::open_database() {
  close_database();
  take_new_one();
  take_kept_one();
  make_file(path_);
  db_ = std::make_unique<SQLite::Database>(path_, SQLite::OPEN_READWRITE);
  db_->exec(kTuning);
  know_checksums(*db_);
  const int application = db_->execAndGet("PRAGMA application_id").getInt();
  const int version = db_->execAndGet("PRAGMA user_version").getInt();
  const bool empty = db_->execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
  if (application == 0 && empty) {
    make_schema();
    wants_all_ = known_;  // somebody took the old one away
  } else if (application != kApplicationId) {
    throw StoreError(path_ + ": is the SQLite database of another application", false);
  } else if (version == kWithoutChecksums) {
    upgrade();
  } else if (version != kSchemaVersion) {
    throw StoreError(path_ + ": was written by another statecast (schema " + std::to_string(version) + ", this one knows " +
                         std::to_string(kSchemaVersion) + ")", false);
  }
  sql_ = std::make_unique<Statements>(*db_);
  if (const FileIdentity saved = read_identity(); saved != identity_) return exchange(saved);
  inode_ = inode_of(path_);
  journal_ = inode_of(path_ + kWriteAheadLog);
}

// What an earlier statecast wrote is taken for what it always was: offered to the plugin that is there now. Where there is
// nothing to judge by, nobody can say of which plugin it is.
void StateFile::upgrade() {
  SQLite::Transaction transaction(*db_);
  for (const Table& table : {kHead, kPositions, kKeys, kTopics, kEnded, kHistory, kDeadLetters}) {
    db_->exec(std::string("ALTER TABLE ") + table.name + " ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0");
    db_->exec(std::string("UPDATE ") + table.name + " SET checksum = " + checksum_of(table));
  }
  const bool judged = db_->execAndGet("SELECT count(*) FROM keys").getInt64() != 0;
  if (!judged) forget_checkpoint();
  put_identity();
  db_->exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
  note_(path_ + ": was written by an earlier statecast, and now has checksums and says of which plugin it is" +
            (judged ? "" : "; its checkpoint has no key, so nobody knows that: history is replayed from its start"), false);
}

void StateFile::put_identity() {
  db_->exec(kIdentitySchema);
  SQLite::Statement put(*db_, insert(kIdentity));
  for (const auto& [fact, value] : identity_) run(put, fact, value);
}

// All but the dead letters.
void StateFile::forget_checkpoint() {
  for (const Table& table : {kHead, kPositions, kKeys, kTopics, kEnded, kHistory}) db_->exec(std::string("DELETE FROM ") + table.name);
}

void StateFile::make_schema() {
  SQLite::Transaction transaction(*db_);
  db_->exec(kSchema);
  put_identity();
  db_->exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  db_->exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

// ---- writing

void StateFile::begin() {
  if (!in_transaction_) db_->exec("BEGIN IMMEDIATE");
  in_transaction_ = true;
}

void StateFile::commit() {
  db_->exec("COMMIT");
  in_transaction_ = false;
}

void StateFile::roll_back() noexcept {
  std::lock_guard lock(mutex_);
  undo();
}

void StateFile::undo() noexcept {
  // Some failures have rolled back by themselves.
  if (db_ != nullptr && sqlite3_get_autocommit(db_->getHandle()) == 0) db_->tryExec("ROLLBACK");
  in_transaction_ = false;
}

void StateFile::write(const CheckpointRows& rows) {
  if (rows.first) roll_back();
  guarded("written", [&] {
    if (rows.first && !rows.anew && wants_all_) throw StoreError(path_ + ": was begun anew, and has to be given everything", false);
    begin();
    if (rows.anew) forget_checkpoint();
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
    commit();
    wants_all_ = false;
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
  run(sql_->delete_broken_letter, letter.epoch, std::int64_t{letter.position.partition}, number(letter.position.hi), number(letter.position.lo));
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
      while (gone.executeStep()) {
        expect_whole(gone, 2, "message " + std::to_string(number(gone.getColumn(1))) + " of topic '" + topic.topic + "'");
        note_newest(now.trimmed, moment_of(text_at(gone, 0)));
      }
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

}  // namespace statecast::host
