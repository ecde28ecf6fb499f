#include <algorithm>
#include <filesystem>

#include "host/streaming/state_file_sql.hpp"

namespace statecast::host {

namespace fs = std::filesystem;

namespace {

constexpr const char* kNew = ".new";  // ending of what is to take the damaged one's place
constexpr const char* kKeyColumns = "epoch, partition, hi, lo";
constexpr const char* kJournals[] = {"-wal", "-journal"};

// The last one is overwritten when all are taken: a disk that goes on damaging files is not filled with them.
std::string aside_of(const std::string& path, int at_most) {
  std::error_code failed;
  std::string aside = path + ".damaged";
  for (int i = 2; i <= at_most && fs::exists(aside, failed); ++i) aside = path + ".damaged." + std::to_string(i);
  return aside;
}

void rename_file(const std::string& from, const std::string& to) {
  std::error_code failed;
  fs::rename(from, to, failed);
  if (failed) throw StoreError(from + " cannot be renamed to " + to + ": " + failed.message(), false);
}

bool has_journal(const std::string& path) {
  std::error_code failed;
  return std::ranges::any_of(kJournals, [&](const char* journal) { return fs::exists(path + journal, failed); });
}

void remove_with_journals(const std::string& path) {
  std::error_code failed;
  fs::remove(path, failed);
  for (const char* journal : kJournals) fs::remove(path + journal, failed);
}

void move_journals(const std::string& from, const std::string& to) {
  std::error_code failed;
  for (const char* journal : kJournals) {
    fs::remove(to + journal, failed);
    if (fs::exists(from + journal, failed)) rename_file(from + journal, to + journal);
  }
}

// What is read, or nothing where the file is damaged; then `all` becomes false.
template <class Read>
auto unless_damaged(bool& all, Read read) -> decltype(read()) {
  try {
    return read();
  } catch (const SQLite::Exception& error) {
    if (!is_damage(error)) throw StoreError(std::string("it cannot be read: ") + error.what(), false);
    all = false;
    return {};
  }
}

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
          (all ? ")" : "), and the others are lost") + ": check the disk that it is on");
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
    StateFile fresh(made, {});
    fresh.guarded("written", [&] {
      fresh.begin();
      out.all = copy_letters(fresh, "*", "ASC");
      // What lies behind the damage, and then what lies between damaged rows, which searches do not always meet.
      if (!out.all)
        for (const char* columns : {"*", kKeyColumns}) copy_letters(fresh, columns, "DESC"), copy_letters(fresh, columns, "ASC");
      fresh.commit();
      out.letters = static_cast<std::size_t>(fresh.db_->execAndGet("SELECT count(*) FROM dead_letters").getInt64());
    });
  }
  if (has_journal(made)) throw StoreError(made + " cannot be written to its end", false);
  return out;
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
      return read_letter({text_at(*rows, 0), {number(rows->getColumn(2)), number(rows->getColumn(3)),
                                              static_cast<std::uint32_t>(number(rows->getColumn(1))), 0}});
    });
    if (letter) to.put(*letter);
    else all = false;
  }
  return all;
}

// Where the damaged file lies now; the new one is in its place. Journals go with their file: SQLite would fold one that
// stays behind into the new file.
std::string StateFile::move_aside() {
  close_database();
  const std::string aside = aside_of(path_, kDamagedAtMost);
  rename_file(path_, aside);
  wants_all_ = true;
  move_journals(path_, aside);
  rename_file(path_ + kNew, path_);
  return aside;
}

// A host may end between the renames; journals that are still there are the damaged file's.
void StateFile::take_new_one() {
  std::error_code failed;
  if (fs::exists(path_, failed) || !fs::exists(path_ + kNew, failed)) return;
  remove_with_journals(path_);
  rename_file(path_ + kNew, path_);
}

}  // namespace statecast::host
