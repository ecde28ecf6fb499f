#include "plugins/sources/log/names.hpp"

#include <algorithm>
#include <string>

#include "plugins/sources/log/passage.hpp"

namespace statecast::log {

// The zero byte keeps "ab","c" from "a","bc".
std::uint64_t name_hash(std::string_view source, std::string_view id) {
  std::uint64_t hash = 14695981039346656037u;
  const auto add = [&hash](char byte) { hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211u; };
  for (const char byte : source) add(byte);
  add('\0');
  for (const char byte : id) add(byte);
  return hash;
}

Names::Names(Database& db)
    : db_(db),
      in_table_(db, "SELECT seq FROM names WHERE name_hash = ?"),
      event_(db, std::string("SELECT ") + kEventColumns + " FROM events WHERE seq = ?"),
      insert_(db, "INSERT INTO names (name_hash, seq) VALUES (?, ?)"),
      // The hashes are sorted before the table is searched for them.
      remove_(db,
              "DELETE FROM names WHERE (name_hash, seq) IN "
              "(SELECT name_hash, seq FROM events WHERE seq BETWEEN ? AND ?)") {
  try {
    Statement unsettled(db, "SELECT name_hash, seq FROM events WHERE seq > (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'named')");
    Rows rows = unsettled.run();
    while (rows.next()) add(static_cast<std::uint64_t>(rows.integer(0)), static_cast<std::uint64_t>(rows.integer(1)));
  } catch (const SqlError& error) {
    if (!error.is_damage()) throw;
    add_newest();
  }
}

// Past what is damaged among those that the table does not have yet.
void Names::add_newest() {
  struct Adder : Visitor {
    Names& names;
    explicit Adder(Names& names) : names(names) {}
    void event(const Event& event, bool) override { names.add(name_hash(event.source, event.id), event.position.hi); }
    void damaged(std::uint64_t, std::uint64_t, std::string_view) override {}
    void missing(std::uint64_t, std::uint64_t) override {}
  } adder(*this);
  waiting_.clear();
  Passage passage(db_);
  const auto newest = static_cast<std::uint64_t>(db_.integer("SELECT max(seq) FROM events"));
  auto next = static_cast<std::uint64_t>(db_.integer("SELECT CAST(value AS INTEGER) + 1 FROM meta WHERE name = 'named'"));
  while (next <= newest) next = passage.visit(next, newest, kMany, adder);
}

std::uint64_t Names::find(std::uint64_t hash, std::string_view source, std::string_view id) {
  const auto [first, last] = waiting_.equal_range(hash);
  for (auto it = first; it != last; ++it)
    if (is_name_of(it->second, source, id)) return it->second;
  Rows rows = in_table_.run(hash);
  while (rows.next()) {
    const auto seq = static_cast<std::uint64_t>(rows.integer(0));
    if (is_name_of(seq, source, id)) return seq;
  }
  return 0;
}

bool Names::is_name_of(std::uint64_t seq, std::string_view source, std::string_view id) try {
  Rows rows = event_.run(seq);
  if (!rows.next()) return false;
  const Event event = event_in(rows);
  return event.source == source && event.id == id && is_intact(rows, event);
} catch (const SqlError& error) {
  if (!error.is_damage()) throw;
  return false;
}

void Names::settle(std::uint64_t oldest) {
  if (waiting_.size() < kMany) return;
  settling_.assign(waiting_.begin(), waiting_.end());
  waiting_.clear();
  // In the order of the table, whose integers are signed.
  std::ranges::sort(settling_, {}, [](const auto& name) { return static_cast<std::int64_t>(name.first); });
  std::uint64_t newest = 0;
  for (const auto& [hash, seq] : settling_) {
    if (seq >= oldest) insert_.run(hash, seq).next();
    newest = std::max(newest, seq);
  }
  db_.execute("UPDATE meta SET value = '" + std::to_string(newest) + "' WHERE name = 'named'");
}

void Names::on_rollback(std::uint64_t newest) {
  std::erase_if(waiting_, [newest](const auto& name) { return name.second > newest; });
  waiting_.insert(settling_.begin(), settling_.end());
  settling_.clear();
}

void Names::remove(std::uint64_t first, std::uint64_t last) { remove_.run(first, last).next(); }

}  // namespace statecast::log
