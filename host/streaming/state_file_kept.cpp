// What becomes of a file that is of another identity: it is kept aside, under a name that says of what it is, and what was
// kept aside of this identity takes its place, or else a new file. Whoever goes back to an earlier configuration finds what was
// saved under it.
#include <algorithm>
#include <chrono>
#include <filesystem>

#include "host/streaming/state_file_moves.hpp"
#include "host/streaming/state_file_sql.hpp"

namespace statecast::host {

namespace fs = std::filesystem;

namespace {

std::string plugin_of(const FileIdentity& identity) {
  const auto found = identity.find(kPluginFact);
  return found == identity.end() ? "" : found->second;
}

// "order-0123456789abcdef"
bool is_ending(std::string_view text) {
  constexpr std::size_t kDigits = 16;
  return text.size() > kDigits && text[text.size() - kDigits - 1] == '-' &&
         text.find_first_not_of("0123456789abcdef", text.size() - kDigits) == text.npos;
}

std::string dead_letters_text(std::size_t n) { return std::to_string(n) + (n == 1 ? " dead letter" : " dead letters"); }

}  // namespace

FileIdentity StateFile::read_identity() {
  FileIdentity out;
  SQLite::Statement facts(*db_, "SELECT " + checked(kIdentity) + " FROM identity");
  while (facts.executeStep()) {
    expect_whole(facts, 2, "what it is of");
    out[text_at(facts, 0)] = text_at(facts, 1);
  }
  return out;
}

// The file that is open is of another identity. A host that ends between the two renames finds the second to do at its next
// start (take_new_one, take_kept_one).
void StateFile::exchange(const FileIdentity& saved) {
  const std::string own = kept_name(identity_), theirs = kept_name(saved);
  const bool had = file_exists(own);
  const std::string next = had ? own : path_ + kNew;
  remove_with_journals(path_ + kNew);
  const std::string letters = hand_over_letters(next, plugin_of(saved) == plugin_of(identity_));
  close_database();
  for (const std::string& path : {path_, next})
    if (has_journal(path)) throw StoreError(path + " cannot be written to its end", false);
  remove_with_journals(theirs);
  rename_file(path_, theirs);
  rename_file(next, path_);
  sync_folder_of(path_);
  wants_all_ = known_;
  note_(path_ + ": " + difference(saved, identity_) + ": it is kept as " + theirs + letters + "; " +
            (had ? "what was kept under the present configuration is taken back, and what came since is replayed"
                 : "history is replayed from its start"), false);
  delete_oldest_kept(theirs);
  open_database();
}

// Dead letters go to the same plugin, and to no other. What became of them, as a part of a sentence.
std::string StateFile::hand_over_letters(const std::string& next, bool same_plugin) {
  auto to = open(next, note_, identity_);
  if (!to) throw StoreError(to.error().what, false);
  if (same_plugin) {
    const auto [letters, all] = copy_letters(**to);
    return letters == 0 && all ? "" : std::string(", and ") + (all ? "its dead letters" : "those of its dead letters that can be read") + " are taken over";
  }
  bool all = true;
  const auto letters = unless_damaged(all, [&] { return db_->execAndGet("SELECT count(*) FROM dead_letters").getInt64(); });
  return letters == 0 ? "" : ", with its " + dead_letters_text(static_cast<std::size_t>(letters));
}

// Whether its event lies before the checkpoint: then it is no dead letter here, or known as one.
bool StateFile::has_folded(const DeadLetter& letter) {
  auto& row = select(sql_->folded, letter.epoch, std::int64_t{letter.position.partition}, number(letter.position.hi), number(letter.position.lo));
  const bool folded = row.executeStep();
  row.tryReset();
  return folded;
}

void StateFile::take_kept_one() {
  const std::string own = kept_name(identity_);
  if (!file_exists(path_) && file_exists(own)) rename_file(own, path_);
}

void StateFile::delete_oldest_kept(const std::string& newest) {
  std::error_code failed;
  fs::last_write_time(newest, fs::file_time_type::clock::now(), failed);
  const std::string beginning = fs::path(path_).filename().string() + ".";
  std::vector<std::pair<fs::file_time_type, std::string>> kept;
  for (const auto& entry : fs::directory_iterator(fs::path(path_).parent_path(), failed)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(beginning) && is_ending(std::string_view(name).substr(beginning.size())) && entry.path() != newest)
      kept.emplace_back(entry.last_write_time(failed), entry.path().string());
  }
  std::ranges::sort(kept, std::greater{});
  for (std::size_t i = kKeptAtMost - 1; i < kept.size(); ++i) {
    fs::remove(kept[i].second, failed);
    note_(kept[i].second + ": is deleted, since " + std::to_string(kKeptAtMost) + " newer ones are kept", false);
  }
}

}  // namespace statecast::host
