#include "plugins/sources/log/log_source.hpp"

#include <algorithm>
#include <statecast/sequence.hpp>

#include "plugins/sources/log/checksum.hpp"
#include "plugins/sources/log/log_reader.hpp"

namespace statecast::log {

namespace {

// What an append of them takes of the disk, about.
std::size_t bytes_of(std::span<const Event> events) {
  std::size_t bytes = 0;
  for (const Event& e : events)
    bytes += e.id.size() + e.source.size() + e.type.size() + e.subject.size() + e.data.size() + e.extensions.size();
  return bytes;
}

}  // namespace

LogSource::LogSource(const Instance& instance) try : LogSource(instance, Settings(instance.settings)) {
} catch (const SqlError& error) {
  throw not_opened(Settings(instance.settings).path, error);
}

LogSource::LogSource(const Instance& instance, const Settings& settings)
    : host_(instance.host),
      file_(settings.path),
      names_(file_.writer()),
      insert_(file_.writer(),
              "INSERT INTO events (seq, time_us, name_hash, checksum, id, source, type, subject, data, extensions) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      take_back_(file_.writer(), "DELETE FROM events WHERE seq > ?"),
      fill_(file_.writer(), "INSERT OR REPLACE INTO meta VALUES ('probe', zeroblob(?))"),
      retention_(host_, file_.path(), settings.keep, file_.writer(), names_, extent_) {
  if (!file_.finding().empty()) host_.error(file_.finding());
  extent_.newest = static_cast<std::uint64_t>(file_.writer().integer("SELECT max(seq) FROM events"));
  file_.note_newest(extent_.newest);
  if (extent_.newest > 0) extent_.oldest = oldest();
}

// A page that is damaged at the old end hides what it had. What follows is found by halves.
std::uint64_t LogSource::oldest() try {
  return static_cast<std::uint64_t>(file_.writer().integer("SELECT min(seq) FROM events"));
} catch (const SqlError& error) {
  if (!error.is_damage()) throw;
  Statement from(file_.writer(), "SELECT min(seq) FROM events WHERE seq >= ?");
  std::uint64_t low = 1, high = extent_.newest;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    try {
      from.run(middle).next();
      high = middle;
    } catch (const SqlError& damaged) {
      if (!damaged.is_damage()) throw;
      low = middle + 1;
    }
  }
  host_.error(file_.path() + ": the events before number " + std::to_string(high) + " cannot be read (" + error.what() +
              "): restore it from a backup if they are needed");
  return high;
}

Source::Range LogSource::range(std::uint32_t) {
  const std::uint64_t newest = extent_.newest;
  if (newest == 0) return {};
  return {position_of(extent_.oldest), position_of(newest)};
}

std::unique_ptr<Reader> LogSource::open_reader(std::span<const Position> after) try {
  auto reader = std::make_unique<LogReader>(host_, file_.path(), extent_, waiters_, first_after(after, extent_.oldest));
  file_.expect_there();  // else it has opened something else
  return reader;
} catch (const SqlError& error) {
  throw not_done(file_.path(), "read", error);
}

void LogSource::append(std::span<const Event> events, const Receipts& receipts) {
  if (events.empty()) return prove();
  const std::vector<Stored> stored = store(events);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const Position position = position_of(stored[i].seq);
    stored[i].duplicate ? receipts.duplicate(i, position) : receipts.durable(i, position);
  }
  waiters_.notify();
  if (retention_.on_append(events.size(), bytes_of(events))) file_.note_written();
}

void LogSource::ack(std::span<const Position> positions) {
  file_.expect_whole();
  if (!positions.empty()) retention_.acknowledge(positions.front().hi);
  retention_.on_idle();
  file_.note_written();
}

// What was committed into files that nobody will find again is not stored. Should they come back, it is taken back by the
// next write; nobody has seen it, since the extent ends before it.
std::vector<LogSource::Stored> LogSource::store(std::span<const Event> events) {
  file_.expect_whole();
  const std::vector<Stored> stored = commit(events);
  const auto fault = file_.note_written();
  astray_ = fault.has_value();
  if (fault) {
    names_.on_rollback(extent_.newest);
    throw Failure(*fault);
  }
  std::uint64_t newest = extent_.newest;
  for (const Stored& one : stored) newest = std::max<std::uint64_t>(newest, one.seq);
  file_.note_newest(newest);
  extent_.newest = newest;
  refused_ = {};
  return stored;
}

// One transaction, and so one fdatasync, for all: whoever batches pays for the disk once.
std::vector<LogSource::Stored> LogSource::commit(std::span<const Event> events) try {
  std::vector<Stored> stored;
  stored.reserve(events.size());
  std::uint64_t newest = extent_.newest;
  Transaction transaction(file_.writer());
  if (astray_) take_back_.run(newest).next();
  names_.settle(extent_.oldest);
  for (const Event& event : events) {
    stored.push_back(store_one(event, newest + 1));
    if (!stored.back().duplicate) ++newest;
  }
  transaction.commit();
  names_.on_commit();
  return stored;
} catch (const SqlError& error) {
  names_.on_rollback(extent_.newest);
  const Failure failure = not_done(file_.path(), "written", error);
  refused_ = {bytes_of(events), failure.status() == SC_FAILED ? std::optional(failure) : std::nullopt};
  throw failure;
}

LogSource::Stored LogSource::store_one(const Event& event, std::uint64_t seq) {
  const std::uint64_t hash = name_hash(event.source, event.id);
  if (const std::uint64_t there = names_.find(hash, event.source, event.id); there != 0) return {there, true};
  insert_
      .run(seq, event.time_us, hash, checksum_of(seq, event), event.id, event.source, event.type, event.subject,
           event.data, event.extensions)
      .next();
  names_.add(hash, seq);
  return {seq, false};
}

// Writes at least as much as was refused, whole pages counted: a disk with room for less would refuse it again. Damage
// is not proved away by a write elsewhere in the file.
void LogSource::prove() try {
  constexpr std::size_t kMost = 16 << 20, kPages = 64 << 10;
  file_.expect_whole();
  if (refused_.damage) throw Failure(*refused_.damage);
  const std::size_t bytes = refused_.bytes + kPages + names_.bytes_due();
  Transaction filling(file_.writer());
  fill_.run(static_cast<std::uint64_t>(std::min(bytes, kMost))).next();
  filling.commit();
  file_.writer().execute("DELETE FROM meta WHERE name = 'probe'");
  if (const auto fault = file_.note_written()) throw Failure(*fault);
} catch (const SqlError& error) {
  throw not_done(file_.path(), "written", error);
}

}  // namespace statecast::log
