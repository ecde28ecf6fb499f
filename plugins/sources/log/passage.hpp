// The way through the events of a log by their numbers, past what is damaged.
//
// Owned by a reader, or by who looks into the file; one thread, as its connection.
#pragma once

#include <cstdint>
#include <optional>
#include <statecast/types.hpp>
#include <string>
#include <string_view>

#include "plugins/sources/log/sqlite.hpp"

namespace statecast::log {

class Visitor {
 public:
  virtual ~Visitor() = default;
  virtual void event(const Event& event, bool has_checksum) = 0;
  // These are in the file, or should be, and cannot be given.
  virtual void damaged(std::uint64_t first, std::uint64_t last, std::string_view why) = 0;
  // There are no such rows: taken away by retention, or lost.
  virtual void missing(std::uint64_t first, std::uint64_t last) = 0;
};

class Passage {
 public:
  explicit Passage(const Database& db);

  // Visits events from number `next` on, `max` at most and none beyond `last`, and returns the number to go on with: at
  // least one more. Throws SqlError for what is no damage, when nothing was visited.
  std::uint64_t visit(std::uint64_t next, std::uint64_t last, std::uint64_t max, Visitor& visitor);

 private:
  std::uint64_t scan(std::uint64_t next, std::uint64_t last, std::uint64_t max, Visitor& visitor);
  std::uint64_t pick(std::uint64_t first, std::uint64_t last, Visitor& visitor);
  std::uint64_t next_there(std::uint64_t from, std::uint64_t last);

  Statement range_, one_, there_;
};

// The columns of an event in the order in which event_in reads them.
inline constexpr const char* kEventColumns = "seq, time_us, id, source, type, subject, data, extensions, checksum";
inline constexpr int kEventColumnCount = 9;
Event event_in(const Rows& rows);
// Whether it is what was stored, as far as it can be known: events of before schema 3 have no checksum.
bool is_intact(const Rows& rows, const Event& event);
bool has_checksum(const Rows& rows);

}  // namespace statecast::log
