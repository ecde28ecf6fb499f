#include "plugins/sources/log/passage.hpp"

#include <algorithm>
#include <statecast/sequence.hpp>

#include "plugins/sources/log/checksum.hpp"

namespace statecast::log {

namespace {

constexpr std::uint64_t kPicked = 1000;  // numbers, in one visit: a page that leads to others may hide thousands
constexpr int kChecksum = kEventColumnCount - 1;
constexpr std::string_view kChanged = "its bytes are not those that were stored";

void show(const Rows& rows, Visitor& visitor) {
  const Event event = event_in(rows);
  if (is_intact(rows, event)) visitor.event(event, has_checksum(rows));
  else visitor.damaged(event.position.hi, event.position.hi, kChanged);
}

}  // namespace

Event event_in(const Rows& rows) {
  return {.position = position_of(static_cast<std::uint64_t>(rows.integer(0))),
          .time_us = rows.integer(1),
          .id = rows.text(2),
          .source = rows.text(3),
          .type = rows.text(4),
          .subject = rows.text(5),
          .data = rows.text(6),
          .extensions = rows.text(7)};
}

bool has_checksum(const Rows& rows) { return !rows.is_null(kChecksum); }

bool is_intact(const Rows& rows, const Event& event) {
  return !has_checksum(rows) ||
         static_cast<std::uint64_t>(rows.integer(kChecksum)) == checksum_of(event.position.hi, event);
}

Passage::Passage(const Database& db)
    : range_(db, std::string("SELECT ") + kEventColumns + " FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?"),
      one_(db, std::string("SELECT ") + kEventColumns + " FROM events WHERE seq = ?"),
      there_(db, "SELECT min(seq) FROM events WHERE seq >= ?") {}

std::uint64_t Passage::visit(std::uint64_t next, std::uint64_t last, std::uint64_t max, Visitor& visitor) {
  const std::uint64_t scanned = scan(next, last, max, visitor);
  return scanned != next ? scanned : pick(next, last, visitor);
}

// Numbers have no hole, so at another number than the next something is wrong there.
std::uint64_t Passage::scan(std::uint64_t next, std::uint64_t last, std::uint64_t max, Visitor& visitor) {
  const std::uint64_t first = next;
  try {
    Rows rows = range_.run(next, last, max);
    for (; rows.next() && static_cast<std::uint64_t>(rows.integer(0)) == next; ++next) show(rows, visitor);
  } catch (const SqlError& error) {
    if (next == first && !error.is_damage()) throw;
  }
  return next;
}

// The next number of `from` or beyond that has a row, at most last + 1; `from` itself when that cannot be read.
std::uint64_t Passage::next_there(std::uint64_t from, std::uint64_t last) try {
  Rows rows = there_.run(from);
  return rows.next() && !rows.is_null(0) ? std::min(static_cast<std::uint64_t>(rows.integer(0)), last + 1) : last + 1;
} catch (const SqlError& error) {
  if (!error.is_damage()) throw;
  return from;
}

// One by one, up to the first that is there: a search for one number passes by what is wrong beside it.
std::uint64_t Passage::pick(std::uint64_t first, std::uint64_t last, Visitor& visitor) {
  if (const std::uint64_t there = next_there(first, last); there != first) {
    visitor.missing(first, there - 1);
    if (there > last) return there;
    first = there;
  }
  const std::uint64_t end = last - first < kPicked ? last + 1 : first + kPicked;
  std::string unreadable;
  const auto tell_until = [&](std::uint64_t at) {
    if (at == first) return;
    unreadable.empty() ? visitor.missing(first, at - 1) : visitor.damaged(first, at - 1, unreadable);
  };
  for (std::uint64_t at = first; at != end; ++at) {
    try {
      Rows rows = one_.run(at);
      if (!rows.next()) continue;
      tell_until(at);
      show(rows, visitor);
      return at + 1;
    } catch (const SqlError& error) {
      if (!error.is_damage()) throw;
      unreadable = std::string("their page cannot be read (") + error.what() + ")";
    }
  }
  tell_until(end);
  return end;
}

}  // namespace statecast::log
