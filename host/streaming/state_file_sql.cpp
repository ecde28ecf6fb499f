#include "host/streaming/state_file_sql.hpp"

#include <sqlite3.h>

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

bool is_damage(const SQLite::Exception& error) {
  return error.getErrorCode() == SQLITE_CORRUPT || error.getErrorCode() == SQLITE_NOTADB;
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

}  // namespace statecast::host
