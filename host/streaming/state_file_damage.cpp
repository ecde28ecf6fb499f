#include "host/streaming/state_file_moves.hpp"
#include "host/streaming/state_file_sql.hpp"

namespace statecast::host {

namespace {

constexpr const char* kKeyColumns = "epoch, partition, hi, lo";

}  // namespace

bool StateFile::wants_all() {
  std::lock_guard lock(mutex_);
  return wants_all_;
}

std::string StateFile::begin_anew(const std::string& damage) {
  std::lock_guard lock(mutex_);
  try {
    const auto [letters, all] = salvage();
    const std::string aside = move_aside();
    note_(damage + ": moved to " + aside + "; a new one begins with " +
          (all ? "all of its dead letters (" : "those of its dead letters that can be read (") + std::to_string(letters) +
          (all ? ")" : "), and the others are lost") + ": check the disk that it is on", true);
    return damage;
  } catch (const std::runtime_error& error) {
    return damage + ", and cannot be begun anew (" + error.what() + ")";
  }
}

// Makes the new file, beside the damaged one: should that fail, nothing has changed.
StateFile::Salvaged StateFile::salvage() {
  Salvaged out;
  const std::string made = path_ + kNew;
  undo();
  remove_with_journals(made);
  {
    StateFile fresh(made, note_, identity_);
    out = copy_letters(fresh);
  }
  if (has_journal(made)) throw StoreError(made + " cannot be written to its end", false);
  return out;
}

// Those that `to` has not folded by its checkpoint; it is the one that says how many it has now.
StateFile::Salvaged StateFile::copy_letters(StateFile& to) {
  return to.guarded("written", [&] {
    Salvaged out;
    const std::string row = checked(kDeadLetters);
    to.begin();
    out.all = copy_letters(to, row, "ASC");
    // What lies behind the damage, and then what lies between damaged rows, which searches do not always meet.
    if (!out.all)
      for (const std::string& columns : {row, std::string(kKeyColumns)}) copy_letters(to, columns, "DESC"), copy_letters(to, columns, "ASC");
    to.commit();
    out.letters = static_cast<std::size_t>(to.db_->execAndGet("SELECT count(*) FROM dead_letters").getInt64());
    return out;
  });
}

// Copies the dead letters in this order, up to the damage; true when each that there is was read. With the columns of the
// key alone each is searched by it, so that one of which the rest is damaged does not hide what follows.
bool StateFile::copy_letters(StateFile& to, const std::string& columns, const std::string& order) {
  if (sql_ == nullptr) return false;  // it could not even be opened
  bool all = true;
  const auto rows = unless_damaged(all, [&] {
    return std::make_unique<SQLite::Statement>(*db_, "SELECT " + columns + " FROM dead_letters ORDER BY epoch " + order + ", partition " +
                                                         order + ", hi " + order + ", lo " + order);
  });
  while (rows != nullptr && unless_damaged(all, [&] { return rows->executeStep(); })) {
    const auto letter = unless_damaged(all, [&] {
      if (columns != kKeyColumns) return std::optional(letter_at(*rows));
      return read_letter(letter_ref_at(*rows));
    });
    if (!letter) all = false;
    else if (!to.has_folded(*letter)) to.put(*letter);
  }
  return all;
}

// Where the damaged file lies now; the new one is in its place. Journals go with their file: SQLite would fold one that
// stays behind into the new file.
std::string StateFile::move_aside() {
  close_database();
  const std::string aside = aside_of(path_, ".damaged", kDamagedAtMost);
  rename_file(path_, aside);
  wants_all_ = true;
  move_journals(path_, aside);
  rename_file(path_ + kNew, path_);
  return aside;
}

// A host may end between the renames; journals that are still there are the damaged file's.
void StateFile::take_new_one() {
  if (file_exists(path_) || !file_exists(path_ + kNew)) return;
  remove_with_journals(path_);
  rename_file(path_ + kNew, path_);
}

}  // namespace statecast::host
