#include "plugins/sources/log/verification.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "plugins/sources/log/names.hpp"
#include "plugins/sources/log/newest_mark.hpp"

namespace statecast::log {

namespace {

constexpr int kProblemsOfStructure = 100;
constexpr int kInstructionsBetweenTells = 100'000;

// Asks now and then whether SQLite is to go on with what it does.
class Interlude {
 public:
  Interlude(Database& db, const std::function<bool()>& go_on) : db_(db) {
    sqlite3_progress_handler(
        db_.handle(), kInstructionsBetweenTells,
        [](void* function) {
          return (*static_cast<const std::function<bool()>*>(function))() ? 0 : 1;
        },
        const_cast<std::function<bool()>*>(&go_on));
  }
  ~Interlude() { sqlite3_progress_handler(db_.handle(), 0, nullptr, nullptr); }
  Interlude(const Interlude&) = delete;
  Interlude& operator=(const Interlude&) = delete;

 private:
  Database& db_;
};

Failure not_read_on(const std::string& path, const SqlError& error) {
  return {SC_FAILED, path + ": cannot be read any further (" + error.what() + ")"};
}

}  // namespace

struct Verification::Statements {
  explicit Statements(Database& db)
      : passage(db),
        hash_of(db, "SELECT name_hash FROM events WHERE seq = ?"),
        names(db, "SELECT seq FROM names WHERE name_hash = ? AND seq <= ? ORDER BY seq"),
        other(db, std::string("SELECT ") + kEventColumns + " FROM events WHERE seq = ?"),
        before(db, "SELECT max(seq) FROM events WHERE seq < ?") {}

  // One that is damaged has no name, and may have been published again.
  bool is_name_of(std::uint64_t seq, const Event& event) try {
    Rows rows = other.run(seq);
    if (!rows.next()) return false;
    const Event there = event_in(rows);
    return there.source == event.source && there.id == event.id && is_intact(rows, there);
  } catch (const SqlError& error) {
    if (!error.is_damage()) throw;
    return false;
  }

  std::uint64_t name_hash_of(std::uint64_t seq) {
    Rows rows = hash_of.run(seq);
    return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
  }

  Passage passage;
  Statement hash_of, names, other, before;
};

Verification::Verification(Inspection& inspection, Fault fault, Tell tell) try
    : inspection_(inspection), fault_(std::move(fault)), tell_(std::move(tell)) {
  const auto mark = NewestMark::read(inspection_.path());  // first: a log that is written goes on meanwhile
  const Inspection::Facts facts = inspection_.facts();
  if (mark && mark->epoch == facts.epoch && mark->newest > facts.newest)
    tell_("events " + std::to_string(facts.newest + 1) + " to " + std::to_string(mark->newest) + " are missing: they were acknowledged");
  first_ = next_ = facts.oldest;
  last_ = facts.newest;
  named_ = static_cast<std::uint64_t>(
      inspection_.db_.integer("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'named'"));
} catch (const SqlError& error) {
  throw not_read_on(inspection.path(), error);
}

void Verification::check_structure(const std::function<bool()>& go_on) try {
  const Interlude interlude(inspection_.db_, go_on);
  Statement check(inspection_.db_, "PRAGMA integrity_check(" + std::to_string(kProblemsOfStructure) + ")");
  Rows rows = check.run();
  while (rows.next())
    if (rows.text(0) != "ok") tell_("the database: " + std::string(rows.text(0)));
} catch (const SqlError& error) {
  if (error.code() == SQLITE_INTERRUPT) return;
  if (error.is_damage()) return tell_(std::string("the database: ") + error.what());
  throw not_read_on(inspection_.path(), error);
}

bool Verification::step() try {
  if (last_ == 0 || next_ > last_) return false;
  const Snapshot snapshot(inspection_.db_);
  Statements statements(inspection_.db_);
  statements_ = &statements;
  next_ = statements.passage.visit(next_, last_, Inspection::kPiece, *this);
  return next_ <= last_;
} catch (const SqlError& error) {
  throw not_read_on(inspection_.path(), error);
}

void Verification::event(const Event& event, bool has_checksum) {
  ++events_;
  if (!has_checksum) ++unchecked_;
  check_name(event);
  if (const auto fault = fault_(event)) tell(event.position.hi, *fault);
}

void Verification::damaged(std::uint64_t first, std::uint64_t last, std::string_view why) {
  if (first == last) return tell(first, std::string(why));
  tell_("events " + std::to_string(first) + " to " + std::to_string(last) + ": " + std::string(why));
}

// What retention takes away meanwhile is no hole: then there is nothing before it either.
void Verification::missing(std::uint64_t first, std::uint64_t last) {
  Rows rows = statements_->before.run(first);
  if (!rows.next() || rows.integer(0) == 0) return;
  tell_("events " + std::to_string(first) + " to " + std::to_string(last) + " are missing");
}

void Verification::check_name(const Event& event) {
  Statements& statements = *statements_;
  const std::uint64_t seq = event.position.hi, hash = statements.name_hash_of(seq);
  if (hash != name_hash(event.source, event.id)) return tell(seq, "its name_hash is not that of its source and id");
  bool entered = false;
  std::uint64_t earlier = 0;
  const auto look_at = [&](std::uint64_t other) {
    if (other == seq) entered = true;
    else if (earlier == 0 && statements.is_name_of(other, event)) earlier = other;
  };
  for (Rows rows = statements.names.run(hash, seq); rows.next();) look_at(static_cast<std::uint64_t>(rows.integer(0)));
  const auto [begin, end] = newest_.equal_range(hash);
  for (auto it = begin; it != end; ++it) look_at(it->second);
  if (seq > named_) newest_.emplace(hash, seq);
  else if (!entered) tell(seq, "`names` lacks it: it would not be known as a duplicate");
  if (earlier != 0) tell(seq, "has the source and id of event " + std::to_string(earlier));
}

void Verification::tell(std::uint64_t seq, const std::string& what) {
  tell_("event " + std::to_string(seq) + ": " + what);
}

}  // namespace statecast::log
