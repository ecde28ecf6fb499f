#include "plugins/sources/log/sqlite.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <filesystem>
#include <new>
#include <system_error>

namespace statecast::log {

namespace {

// Of a call before which errno was 0. sqlite3_system_errno would be the better word, but a failed COMMIT has none.
std::string describe(sqlite3* db) {
  const int system = errno;
  const int code = sqlite3_errcode(db);
  std::string text = sqlite3_errmsg(db);
  if (system != 0 && (code == SQLITE_IOERR || code == SQLITE_CANTOPEN))
    text += " (" + std::generic_category().message(system) + ")";
  return text;
}

// https://www.sqlite.org/uri.html: what would end the path is escaped. An absolute path needs no host before it.
std::string uri_of(const std::string& path) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).string()) {
    if (c == '%') uri += "%25";
    else if (c == '?') uri += "%3f";
    else if (c == '#') uri += "%23";
    else uri += c;
  }
  return uri;
}

void check(sqlite3* db, int result) {
  if (result != SQLITE_OK) throw SqlError(db);
}

}  // namespace

SqlError::SqlError(sqlite3* db) : std::runtime_error(describe(db)), code_(sqlite3_errcode(db)) {}

bool SqlError::is_damage() const { return code_ == SQLITE_CORRUPT; }

void Database::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }
void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Database::Database(const std::string& path, Mode mode) {
  errno = 0;
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI |
                    (mode == Mode::kReadWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  const std::string uri = uri_of(path) + (mode == Mode::kAtRest ? "?immutable=1" : "");
  const int result = sqlite3_open_v2(uri.c_str(), &db, flags, nullptr);
  db_.reset(db);  // also after a failure, whose text it holds
  if (db == nullptr) throw std::bad_alloc();
  check(db, result);
  constexpr int kBusyMs = 2'000;  // readers and the writer meet for moments only: a recovery, the end of a checkpoint
  sqlite3_busy_timeout(db, kBusyMs);
}

void Database::execute(const std::string& sql) {
  errno = 0;
  check(handle(), sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr));
}

std::int64_t Database::integer(std::string_view sql) {
  Statement statement(*this, sql);
  Rows rows = statement.run();
  return rows.next() ? rows.integer(0) : 0;
}

std::string Database::text(std::string_view sql) {
  Statement statement(*this, sql);
  Rows rows = statement.run();
  return rows.next() ? std::string(rows.text(0)) : std::string();
}

Rows::~Rows() { sqlite3_reset(statement_); }

bool Rows::next() {
  errno = 0;
  const int result = sqlite3_step(statement_);
  if (result != SQLITE_ROW && result != SQLITE_DONE) throw SqlError(sqlite3_db_handle(statement_));
  return result == SQLITE_ROW;
}

bool Rows::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t Rows::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Rows::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Statement::Statement(const Database& db, std::string_view sql) {
  errno = 0;
  sqlite3_stmt* statement = nullptr;
  check(db.handle(), sqlite3_prepare_v3(db.handle(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  statement_.reset(statement);
}

void Statement::bind(int i, std::int64_t value) {
  check(sqlite3_db_handle(statement_.get()), sqlite3_bind_int64(statement_.get(), i, value));
}

void Statement::bind(int i, std::string_view value) {
  // A null pointer would bind NULL, which an empty text is not.
  const char* text = value.empty() ? "" : value.data();
  check(sqlite3_db_handle(statement_.get()),
        sqlite3_bind_text64(statement_.get(), i, text, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

Transaction::Transaction(Database& db) : db_(db) { db_.execute("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  // Open after commit() only when the commit failed. Some failures have rolled back by themselves. A rollback that
  // fails too leaves nothing to do: the next BEGIN says so.
  if (sqlite3_get_autocommit(db_.handle()) == 0) sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() { db_.execute("COMMIT"); }

Snapshot::Snapshot(Database& db) : db_(db) { db_.execute("BEGIN"); }
Snapshot::~Snapshot() { sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr); }

}  // namespace statecast::log
