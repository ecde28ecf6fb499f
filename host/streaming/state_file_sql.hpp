// What StateFile's parts share: its statements, and how what is saved is written in rows and read from them.
//
// Part of StateFile: included by its sources only.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <string_view>
#include <vector>

#include "host/streaming/state_file.hpp"

namespace statecast::host {

inline std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }
inline std::uint64_t number(const SQLite::Column& column) { return static_cast<std::uint64_t>(column.getInt64()); }

// A value that SQLite gave, and that nobody wrote.
class Unreadable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Moments as text: "<slot>.<hi>.<lo>.<ord>.<partition>.<by refresh>", joined by ';'.
std::string text_of(const Moment& moment);
std::string text_of(const std::vector<Moment>& moments);
Moment moment_of(std::string_view text);
std::vector<Moment> moments_of(std::string_view text);

// A table, and the columns of a row over which its last one, `checksum`, goes: XXH3 of each value with its type, chained.
struct Table {
  const char* name;
  const char* columns;
};
inline constexpr Table kIdentity{"identity", "fact, value"};
inline constexpr Table kHead{"head", "version, messages, forgotten"};
inline constexpr Table kPositions{"positions", "slot, source, epoch, partition, hi, lo"};
inline constexpr Table kKeys{"keys", "key, changed, bytes"};
inline constexpr Table kTopics{"topics", "topic, first, end, trimmed, newest"};
inline constexpr Table kEnded{"ended", "topic"};
inline constexpr Table kHistory{"history", "topic, at, number, time_us, moment, key, view, json"};
inline constexpr Table kDeadLetters{"dead_letters",
                                    "epoch, partition, hi, lo, source, noted_us, failed, reason, time_us, id, event_source, type, subject, "
                                    "data, extensions"};

// Lets a connection know row_checksum(columns...).
void know_checksums(SQLite::Database& db);
// "row_checksum(key, changed, bytes)"
std::string checksum_of(const Table& table);
// "key, changed, bytes, checksum = row_checksum(key, changed, bytes)": the last column says whether the row is as it was written.
std::string checked(const Table& table);
std::string whole_row(const Table& table);  // that last column alone
// "INSERT <or> INTO keys (key, changed, bytes, checksum) VALUES (?1, ?2, ?3, row_checksum(?1, ?2, ?3))"
std::string insert(const Table& table, const std::string& or_what = "");
// Throws Unreadable unless the column of the row that a statement is at says that the row is whole.
void expect_whole(SQLite::Statement& sql, int column, const std::string& what);

bool is_damage(const SQLite::Exception& error);

inline void bind(SQLite::Statement& sql, int i, const std::string& text) { sql.bindNoCopy(i, text); }
inline void bind(SQLite::Statement& sql, int i, std::int64_t value) { sql.bind(i, value); }

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

// Values of the row that a statement is at.
std::string text_at(SQLite::Statement& sql, int column);
SavedTopic topic_at(SQLite::Statement& sql);
DeadLetter letter_at(SQLite::Statement& sql);
DeadLetterRef letter_ref_at(SQLite::Statement& sql);

struct StateFile::Statements {
  explicit Statements(SQLite::Database& db) : db_(db) {}
  SQLite::Database& db_;
  SQLite::Statement put_key{db_, insert(kKeys) + " ON CONFLICT (key) DO UPDATE SET changed = excluded.changed, bytes = excluded.bytes, "
                                                "checksum = excluded.checksum"};
  SQLite::Statement delete_key{db_, "DELETE FROM keys WHERE key = ?"};
  SQLite::Statement put_message{db_, insert(kHistory, "OR REPLACE")};
  SQLite::Statement trim_topic{db_, "DELETE FROM history WHERE topic = ? AND at < ?"};
  SQLite::Statement put_topic{db_, insert(kTopics, "OR REPLACE")};
  SQLite::Statement delete_topic{db_, "DELETE FROM topics WHERE topic = ?"};
  SQLite::Statement put_ended{db_, insert(kEnded, "OR REPLACE")};
  SQLite::Statement delete_ended{db_, "DELETE FROM ended WHERE topic = ?"};
  SQLite::Statement put_letter{db_, insert(kDeadLetters, "OR IGNORE")};
  SQLite::Statement delete_letter{db_, "DELETE FROM dead_letters WHERE epoch = ? AND partition = ? AND hi = ? AND lo = ?"};
  SQLite::Statement delete_broken_letter{
      db_, "DELETE FROM dead_letters WHERE epoch = ? AND partition = ? AND hi = ? AND lo = ? AND NOT (" + whole_row(kDeadLetters) + ")"};
  SQLite::Statement folded{db_, "SELECT 1 FROM positions WHERE epoch = ? AND partition = ? AND (hi, lo) >= (?, ?)"};
  SQLite::Statement put_head{db_, "INSERT OR REPLACE INTO head VALUES (1, ?1, ?2, ?3, row_checksum(?1, ?2, ?3))"};
  SQLite::Statement put_position{db_, insert(kPositions, "OR REPLACE")};
  SQLite::Statement history{db_, "SELECT " + checked(kHistory) + " FROM history WHERE topic = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?"};
  SQLite::Statement time{db_, "SELECT time_us FROM history WHERE topic = ? AND at = ?"};
  SQLite::Statement moment{db_, "SELECT moment, at, " + whole_row(kHistory) + " FROM history WHERE topic = ? AND at = ?"};
  SQLite::Statement old_messages{db_, "SELECT topic, at FROM history WHERE time_us < ? ORDER BY time_us LIMIT ?"};
  SQLite::Statement moments_before{db_, "SELECT moment, at, " + whole_row(kHistory) + " FROM history WHERE topic = ? AND at < ? ORDER BY at"};
  SQLite::Statement topic{db_, "SELECT " + checked(kTopics) + " FROM topics WHERE topic = ?"};
  SQLite::Statement letters{db_,
                            "SELECT " + checked(kDeadLetters) + " FROM dead_letters WHERE (epoch, partition, hi, lo) > (?, ?, ?, ?) "
                            "ORDER BY epoch, partition, hi, lo"};
  SQLite::Statement letter{db_, "SELECT " + checked(kDeadLetters) + " FROM dead_letters WHERE epoch = ? AND partition = ? AND hi = ? AND lo = ?"};
};

// Every use of SQLite goes through here.
template <class Work>
auto StateFile::guarded(const char* verb, Work&& work) {
  std::lock_guard lock(mutex_);
  try {
    if (!inode_) open_database();
    return work();
  } catch (const SQLite::Exception& error) {
    const bool damaged = is_damage(error);
    const std::string text = path_ + ": " + (damaged ? "is damaged" : std::string("cannot be ") + verb) + " (" + error.what() + ")";
    throw StoreError(text, damaged);
  } catch (const Unreadable& error) {
    throw StoreError(path_ + ": is damaged (" + error.what() + ")", true);
  }
}

// What is read, or nothing where the file is damaged; then `all` becomes false.
template <class Read>
auto unless_damaged(bool& all, Read read) -> decltype(read()) {
  try {
    return read();
  } catch (const SQLite::Exception& error) {
    if (!is_damage(error)) throw StoreError(std::string("it cannot be read: ") + error.what(), false);
  } catch (const Unreadable&) {
  }
  all = false;
  return {};
}

}  // namespace statecast::host
