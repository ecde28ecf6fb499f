#include "plugins/sources/log/log_source.hpp"

#include <sqlite3.h>

#include <nlohmann/json.hpp>
#include <statecast/sequence.hpp>

namespace statecast::log {

namespace {

std::string path_in(std::string_view settings) { return nlohmann::json::parse(settings).value("path", std::string()); }

// FNV-1a 64. Stored in the file, so it never changes. The zero byte keeps "ab","c" from "a","bc".
std::uint64_t name_hash(std::string_view source, std::string_view id) {
  std::uint64_t hash = 14695981039346656037u;
  const auto add = [&hash](char byte) { hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211u; };
  for (const char byte : source) add(byte);
  add('\0');
  for (const char byte : id) add(byte);
  return hash;
}

// Nothing but damage is for ever: space is freed, disks are mounted again.
Failure failure(const std::string& path, const char* verb, const SqlError& error) {
  if (error.code() == SQLITE_CORRUPT || error.code() == SQLITE_NOTADB)
    return {SC_FAILED, path + ": is damaged (" + error.what() + "): restore it from a backup"};
  if (error.code() == SQLITE_FULL)
    return {SC_RETRY, "disk full: " + path + " cannot grow: free some space there, and publishing goes on"};
  return {SC_RETRY, path + ": cannot be " + verb + " (" + error.what() + ")"};
}

// A place in the log, with a connection of its own. Each poll is one short read transaction, so that the journal can be
// carried over to the file in between.
class LogReader final : public Reader {
 public:
  LogReader(const Host& host, const std::string& path, const Extent& extent, Waiters& waiters, std::uint64_t next)
      : host_(host),
        path_(path),
        extent_(extent),
        waiter_(waiters),
        next_(next),
        db_(path, Database::Mode::kReadOnly),
        select_(db_,
                "SELECT seq, time_us, id, source, type, subject, data, extensions FROM events "
                "WHERE seq >= ? ORDER BY seq LIMIT ?") {}

  bool poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) override {
    if (!waiter_.await(host_, deadline_ns, [this] { return extent_.newest >= next_; })) return false;
    const std::uint64_t first = next_;
    try {
      yield(max, batch);
    } catch (const SqlError& error) {
      // What was yielded counts; the next poll meets the fault again, if it lasts.
      if (next_ == first) throw failure(path_, "read", error);
    }
    if (next_ == first) throw gone(next_, extent_.oldest);
    return true;
  }

  void interrupt() override { waiter_.interrupt(); }

 private:
  void yield(std::uint64_t max, const Batch& batch) {
    Rows rows = select_.run(next_, max);
    // Numbers have no hole, so another number than the next says that rows were taken away.
    for (; rows.next() && static_cast<std::uint64_t>(rows.integer(0)) == next_; ++next_)
      batch.event({.position = position_of(next_),
                   .time_us = rows.integer(1),
                   .id = rows.text(2),
                   .source = rows.text(3),
                   .type = rows.text(4),
                   .subject = rows.text(5),
                   .data = rows.text(6),
                   .extensions = rows.text(7)});
  }

  const Host host_;
  const std::string& path_;
  const Extent& extent_;
  Waiter waiter_;
  std::uint64_t next_;
  Database db_;
  Statement select_;
};

}  // namespace

LogSource::LogSource(const Instance& instance) try
    : host_(instance.host),
      file_(path_in(instance.settings)),
      find_(file_.writer(), "SELECT seq, source, id FROM events WHERE name_hash = ?"),
      insert_(file_.writer(),
              "INSERT INTO events (seq, time_us, name_hash, id, source, type, subject, data, extensions) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)") {
  extent_.newest = static_cast<std::uint64_t>(file_.writer().integer("SELECT max(seq) FROM events"));
  if (extent_.newest > 0)
    extent_.oldest = static_cast<std::uint64_t>(file_.writer().integer("SELECT min(seq) FROM events"));
} catch (const SqlError& error) {
  throw not_opened(path_in(instance.settings), error);
}

Source::Range LogSource::range(std::uint32_t) {
  const std::uint64_t newest = extent_.newest;
  if (newest == 0) return {};
  return {position_of(extent_.oldest), position_of(newest)};
}

std::unique_ptr<Reader> LogSource::open_reader(std::span<const Position> after) try {
  return std::make_unique<LogReader>(host_, file_.path(), extent_, waiters_, first_after(after, extent_.oldest));
} catch (const SqlError& error) {
  throw failure(file_.path(), "read", error);
}

void LogSource::append(std::span<const Event> events, const Receipts& receipts) {
  const std::vector<Stored> stored = store(events);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const Position position = position_of(stored[i].seq);
    stored[i].duplicate ? receipts.duplicate(i, position) : receipts.durable(i, position);
  }
  waiters_.notify();
}

// One transaction, and so one fdatasync, for all: whoever batches pays for the disk once.
std::vector<LogSource::Stored> LogSource::store(std::span<const Event> events) try {
  std::vector<Stored> stored;
  stored.reserve(events.size());
  std::uint64_t newest = extent_.newest;
  Transaction transaction(file_.writer());
  for (const Event& event : events) {
    stored.push_back(store_one(event, newest + 1));
    if (!stored.back().duplicate) ++newest;
  }
  transaction.commit();
  extent_.newest = newest;
  return stored;
} catch (const SqlError& error) {
  throw failure(file_.path(), "written", error);
}

LogSource::Stored LogSource::store_one(const Event& event, std::uint64_t seq) {
  const std::uint64_t hash = name_hash(event.source, event.id);
  {
    Rows rows = find_.run(hash);
    while (rows.next())
      if (rows.text(1) == event.source && rows.text(2) == event.id)
        return {static_cast<std::uint64_t>(rows.integer(0)), true};
  }
  insert_.run(seq, event.time_us, hash, event.id, event.source, event.type, event.subject, event.data, event.extensions)
      .next();
  return {seq, false};
}

}  // namespace statecast::log
