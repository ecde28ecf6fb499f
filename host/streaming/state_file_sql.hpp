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

// Every use of SQLite goes through here.
template <class Work>
auto StateFile::guarded(const char* verb, Work&& work) {
  std::lock_guard lock(mutex_);
  try {
    if (sql_ == nullptr) open_database();
    return work();
  } catch (const SQLite::Exception& error) {
    const bool damaged = is_damage(error);
    const std::string text = path_ + ": " + (damaged ? "is damaged" : std::string("cannot be ") + verb) + " (" + error.what() + ")";
    throw StoreError(text, damaged);
  } catch (const Unreadable& error) {
    throw StoreError(path_ + ": is damaged (" + error.what() + ")", true);
  }
}

}  // namespace statecast::host
