#include "plugins/sources/log/verification.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "plugins/sources/log/log_reader.hpp"
#include "plugins/sources/log/names.hpp"

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
      : piece(db, std::string("SELECT ") + kEventColumns +
                      ", name_hash FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?"),
        names(db, "SELECT seq FROM names WHERE name_hash = ? AND seq <= ? ORDER BY seq"),
        name_of(db, "SELECT source, id FROM events WHERE seq = ?"),
        before(db, "SELECT max(seq) FROM events WHERE seq < ?") {}

  bool is_name_of(std::uint64_t seq, const Event& event) {
    Rows rows = name_of.run(seq);
    return rows.next() && rows.text(0) == event.source && rows.text(1) == event.id;
  }

  Statement piece, names, name_of, before;
};

Verification::Verification(Inspection& inspection, Fault fault, Tell tell) try
    : inspection_(inspection), fault_(std::move(fault)), tell_(std::move(tell)) {
  const Inspection::Facts facts = inspection_.facts();
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
  throw not_read_on(inspection_.path(), error);
}

bool Verification::step() try {
  if (last_ == 0 || next_ > last_) return false;
  const Snapshot snapshot(inspection_.db_);
  Statements statements(inspection_.db_);
  look_at_piece(statements);
  return next_ <= last_;
} catch (const SqlError& error) {
  throw not_read_on(inspection_.path(), error);
}

void Verification::look_at_piece(Statements& statements) {
  constexpr int kHash = 8;  // the column after those of an event
  Rows rows = statements.piece.run(next_, last_, Inspection::kPiece);
  std::uint64_t read = 0;
  for (; rows.next(); ++read, ++events_) {
    const Event event = event_in(rows);
    check_number(statements, event.position.hi);
    check_name(statements, event, static_cast<std::uint64_t>(rows.integer(kHash)));
    if (const auto fault = fault_(event)) tell(event.position.hi, *fault);
    next_ = event.position.hi + 1;
  }
  if (read < Inspection::kPiece) next_ = last_ + 1;
}

// What retention takes away meanwhile is no hole: then there is nothing before it either.
void Verification::check_number(Statements& statements, std::uint64_t seq) {
  if (seq == next_) return;
  Rows rows = statements.before.run(seq);
  if (!rows.next() || rows.integer(0) == 0) return;
  tell_("events " + std::to_string(next_) + " to " + std::to_string(seq - 1) + " are missing");
}

void Verification::check_name(Statements& statements, const Event& event, std::uint64_t hash) {
  const std::uint64_t seq = event.position.hi;
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
