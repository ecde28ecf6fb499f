#include "plugins/sources/log/inspection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "plugins/sources/log/log_file.hpp"
#include "plugins/sources/log/passage.hpp"

namespace statecast::log {

namespace {

Failure not_inspected(const std::string& path, const SqlError& error) {
  const std::string why = std::string(" (") + error.what() + ")";
  if (error.code() == SQLITE_NOTADB)
    return {SC_REJECTED, path + ": is no log of statecast" + why + ": name the log's file"};
  if (error.code() == SQLITE_CORRUPT)
    return {SC_FAILED, path + ": is damaged" + why + ": restore it from a backup, or move it away to begin a new log"};
  return {SC_RETRY, path + ": cannot be read" + why + ": run this as the user that runs statecast, or as root"};
}

void check_schema(const std::string& path, Database& db) {
  const std::int64_t schema = schema_of(path, db);
  if (schema == 0) throw Failure(SC_REJECTED, path + ": is empty: it becomes a log when statecast runs with it");
  if (schema < kSchemaVersion)
    throw Failure(SC_REJECTED, path + ": was written by an older statecast (schema " + std::to_string(schema) +
                                   "): run this one with it, which brings it up to date");
}

Database open(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    throw Failure(SC_REJECTED,
                  path + ": there is no such file: name the log's file, or the configuration that names it");
  try {
    Database db(path, Database::Mode::kReadOnly);
    check_schema(path, db);
    return db;
  } catch (const SqlError& error) {
    // Where no file can be made, there is no journal to be shared: nobody writes.
    const bool at_rest = !std::filesystem::exists(path + "-wal", ignored) && error.code() == SQLITE_CANTOPEN;
    if (!at_rest) throw;
  }
  Database db(path, Database::Mode::kAtRest);
  check_schema(path, db);
  return db;
}

Database open_or_say_why(const std::string& path) try {
  return open(path);
} catch (const SqlError& error) {
  throw not_inspected(path, error);
}

}  // namespace

template <class Work>
auto Inspection::guarded(Work&& work) try {
  const Snapshot snapshot(db_);
  return work();
} catch (const SqlError& error) {
  throw not_inspected(path_, error);
}

Inspection::Inspection(const std::string& path) : path_(path), db_(open_or_say_why(path)) {}

std::uint64_t Inspection::file_size(const char* suffix) const {
  std::error_code error;
  const auto size = std::filesystem::file_size(path_ + suffix, error);
  return error ? 0 : size;
}

Inspection::Facts Inspection::facts() {
  return guarded([this] {
    Facts facts;
    facts.epoch = db_.text("SELECT value FROM meta WHERE name = 'epoch'");
    facts.schema = db_.integer("PRAGMA user_version");
    facts.oldest = static_cast<std::uint64_t>(db_.integer("SELECT min(seq) FROM events"));
    facts.newest = static_cast<std::uint64_t>(db_.integer("SELECT max(seq) FROM events"));
    facts.oldest_us = db_.integer("SELECT time_us FROM events ORDER BY seq LIMIT 1");
    facts.newest_us = db_.integer("SELECT time_us FROM events ORDER BY seq DESC LIMIT 1");
    const auto page = static_cast<std::uint64_t>(db_.integer("PRAGMA page_size"));
    facts.free_bytes = page * static_cast<std::uint64_t>(db_.integer("PRAGMA freelist_count"));
    facts.used_bytes = page * static_cast<std::uint64_t>(db_.integer("PRAGMA page_count")) - facts.free_bytes;
    facts.file_bytes = file_size("");
    facts.journal_bytes = file_size("-wal");
    return facts;
  });
}

std::map<std::string, std::uint64_t> Inspection::types(std::uint64_t first, std::uint64_t last) {
  return guarded([&] {
    Statement select(db_, "SELECT type, count(*) FROM events WHERE seq BETWEEN ? AND ? GROUP BY type");
    std::map<std::string, std::uint64_t> types;
    Rows rows = select.run(first, std::min(last, first + kPiece - 1));
    while (rows.next()) types.emplace(rows.text(0), static_cast<std::uint64_t>(rows.integer(1)));
    return types;
  });
}

std::uint64_t Inspection::read(std::uint64_t first, std::uint64_t last, Visitor& visitor) {
  return guarded([&] { return Passage(db_).visit(first, last, kPiece, visitor); });
}

}  // namespace statecast::log
