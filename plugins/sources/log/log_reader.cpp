#include "plugins/sources/log/log_reader.hpp"

#include <statecast/sequence.hpp>

#include "plugins/sources/log/log_file.hpp"

namespace statecast::log {

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

LogReader::LogReader(const Host& host, const std::string& path, const Extent& extent, Waiters& waiters,
                     std::uint64_t next)
    : host_(host),
      path_(path),
      extent_(extent),
      waiter_(waiters),
      next_(next),
      db_(path, Database::Mode::kReadOnly),
      select_(db_, std::string("SELECT ") + kEventColumns + " FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?") {}

bool LogReader::poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) {
  if (!waiter_.await(host_, deadline_ns, [this] { return extent_.newest >= next_; })) return false;
  const std::uint64_t first = next_;
  try {
    yield(max, batch);
  } catch (const SqlError& error) {
    // What was yielded counts; the next poll meets the fault again, if it lasts.
    if (next_ == first) throw not_done(path_, "read", error);
  }
  if (next_ == first) throw gone(next_, extent_.oldest);
  return true;
}

void LogReader::yield(std::uint64_t max, const Batch& batch) {
  Rows rows = select_.run(next_, extent_.newest.load(), max);
  // Numbers have no hole, so another number than the next says that rows were taken away.
  for (; rows.next() && static_cast<std::uint64_t>(rows.integer(0)) == next_; ++next_) batch.event(event_in(rows));
}

}  // namespace statecast::log
