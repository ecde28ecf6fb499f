// SQLite in the few words that the log needs. Every failure is an SqlError.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace statecast::log {

class SqlError : public std::runtime_error {
 public:
  // Of the last call on `db`; the system's own word is added where there is one: "disk I/O error (File too large)".
  explicit SqlError(sqlite3* db);
  int code() const { return code_; }  // primary: SQLITE_FULL, ...
  bool is_damage() const;             // of a page; elsewhere the file may be whole

 private:
  int code_;
};

// One connection, used by one thread at a time.
class Database {
 public:
  // kAtRest: to be read where nothing can be written beside it, not even what connections share. Nobody may write it.
  enum class Mode { kReadWrite, kReadOnly, kAtRest };
  Database(const std::string& path, Mode mode);

  void execute(const std::string& sql);
  // The first column of the first row.
  std::int64_t integer(std::string_view sql);
  std::string text(std::string_view sql);

  sqlite3* handle() const { return db_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  std::unique_ptr<sqlite3, Close> db_;
};

// The rows of a statement under way, which ends with this object; so does the read transaction that it opened.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  bool next();  // false after the last
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;  // valid until next()

 private:
  sqlite3_stmt* statement_;
};

// A prepared statement. Its connection outlives it.
class Statement {
 public:
  Statement(const Database& db, std::string_view sql);

  // Starts it with these parameters; texts must stay until the rows are done with.
  template <class... Values>
  Rows run(const Values&... values) {
    int i = 0;
    (bind(++i, values), ...);
    return Rows(statement_.get());
  }

 private:
  void bind(int i, std::uint64_t value) { bind(i, static_cast<std::int64_t>(value)); }
  void bind(int i, std::int64_t value);
  void bind(int i, std::string_view value);

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Everything between its making and commit(), or nothing.
class Transaction {
 public:
  explicit Transaction(Database& db);
  ~Transaction();  // rolls back what was not committed
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Database& db_;
};

// Everything that is read during its life is of one moment.
class Snapshot {
 public:
  explicit Snapshot(Database& db);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Database& db_;
};

}  // namespace statecast::log
