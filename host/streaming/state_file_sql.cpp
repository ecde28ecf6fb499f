#include "host/streaming/state_file_sql.hpp"

#include <sqlite3.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace statecast::host {

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
    if (read.ec != std::errc{}) throw Unreadable("a moment is not readable: '" + std::string(text) + "'");
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

namespace {

// Each value is hashed with all before it as the seed, so that neither its length nor its place can be taken for another's.
XXH64_hash_t add_value(XXH64_hash_t before, sqlite3_value* value) {
  const int type = sqlite3_value_type(value);
  const XXH64_hash_t seed = before * 31 + static_cast<XXH64_hash_t>(type);
  if (type == SQLITE_INTEGER) {
    const sqlite3_int64 number = sqlite3_value_int64(value);
    return XXH3_64bits_withSeed(&number, sizeof number, seed);
  }
  const void* bytes = sqlite3_value_blob(value);
  return XXH3_64bits_withSeed(bytes, static_cast<std::size_t>(sqlite3_value_bytes(value)), seed);
}

void row_checksum(sqlite3_context* context, int n, sqlite3_value** values) {
  XXH64_hash_t hash = 0;
  for (int i = 0; i < n; ++i) hash = add_value(hash, values[i]);
  sqlite3_result_int64(context, static_cast<sqlite3_int64>(hash));
}

}  // namespace

void know_checksums(SQLite::Database& db) {
  db.createFunction("row_checksum", -1, true, nullptr, row_checksum, nullptr, nullptr, nullptr);
}

std::string checksum_of(const Table& table) { return std::string("row_checksum(") + table.columns + ")"; }
std::string whole_row(const Table& table) { return "checksum = " + checksum_of(table); }
std::string checked(const Table& table) { return std::string(table.columns) + ", " + whole_row(table); }

std::string insert(const Table& table, const std::string& or_what) {
  const std::string_view columns = table.columns;
  std::string values;
  for (long i = 0; i <= std::ranges::count(columns, ','); ++i) values += (i == 0 ? "?" : ", ?") + std::to_string(i + 1);
  return "INSERT " + or_what + " INTO " + table.name + " (" + table.columns + ", checksum) VALUES (" + values + ", row_checksum(" + values + "))";
}

void expect_whole(SQLite::Statement& sql, int column, const std::string& what) {
  if (sql.getColumn(column).getInt() != 1) throw Unreadable(what + " is not as it was written");
}

bool is_damage(const SQLite::Exception& error) {
  return error.getErrorCode() == SQLITE_CORRUPT || error.getErrorCode() == SQLITE_NOTADB;
}

std::string text_at(SQLite::Statement& sql, int column) {
  const auto value = sql.getColumn(column);
  return {static_cast<const char*>(value.getBlob()), static_cast<std::size_t>(value.getBytes())};
}

SavedTopic topic_at(SQLite::Statement& sql) {
  expect_whole(sql, 5, "topic '" + text_at(sql, 0) + "'");
  return {text_at(sql, 0), number(sql.getColumn(1)), number(sql.getColumn(2)), moments_of(text_at(sql, 3)), moments_of(text_at(sql, 4))};
}

DeadLetterRef letter_ref_at(SQLite::Statement& sql) {
  return {text_at(sql, 0), {number(sql.getColumn(2)), number(sql.getColumn(3)), static_cast<std::uint32_t>(number(sql.getColumn(1))), 0}};
}

DeadLetter letter_at(SQLite::Statement& sql) {
  DeadLetter letter;
  auto [epoch, position] = letter_ref_at(sql);
  expect_whole(sql, 15, "the dead letter of event " + std::to_string(position.hi) + " ('" + text_at(sql, 12) + "')");
  letter.epoch = std::move(epoch);
  letter.position = position;
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

}  // namespace statecast::host
