// The file in which one lane's checkpoint, the older part of its appended messages, and its dead letters are kept: SQLite,
// one writer, held exclusively. Whatever goes wrong is a StoreError whose text says where.
//
//   state_file.cpp         opening and writing
//   state_file_reads.cpp   restoring and reading
//   state_file_damage.cpp  what becomes of a file that is damaged
//   state_file_place.cpp   of one that somebody took away,
//   state_file_kept.cpp    and of one that is of another plugin, or of other settings
//   state_file_sql.*       what they share
//
// Owned by the Store. Used by the lane while it restores and by the store's thread otherwise; a mutex stands between them.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>

#include "host/result.hpp"
#include "host/streaming/checkpoint.hpp"
#include "host/streaming/file_identity.hpp"

namespace SQLite {
class Database;
class Statement;
}

namespace statecast::host {

class StoreError : public std::runtime_error {
 public:
  StoreError(const std::string& text, bool damaged) : std::runtime_error(text), damaged_(damaged) {}
  // The file is no good any more: trying again does not help.
  bool damaged() const { return damaged_; }

 private:
  bool damaged_;
};

class StateFile {
 public:
  using Note = std::function<void(const std::string&, bool damage)>;

  // Opens the file, or makes it. One that is damaged is begun anew; where that fails, too, it is there all the same, and each
  // use tries again. One of another identity is kept aside, under a name that says so, and what was kept aside of this one takes
  // its place. `note` is told, now and later, what became of files. [main]
  static Result<std::unique_ptr<StateFile>> open(std::string path, Note note, FileIdentity identity = {});
  ~StateFile();

  const std::string& path() const { return path_; }

  // ---- writing. Rows take effect with the cut that follows them, durably when write(cut) returns.
  void write(const CheckpointRows& rows);
  // Returns the topics of which messages went because of their age, with their new first place.
  std::vector<SavedTopic> write(const CheckpointCut& cut);
  // Forgets the rows since the last cut.
  void roll_back() noexcept;

  // ---- damage, which a use has shown
  static constexpr int kDamagedAtMost = 10, kKeptAtMost = 10;
  // Moves the file aside, to the first of ".damaged", ".damaged.2", ... that is free or else the last, and begins another,
  // which has the dead letters that can still be read. Returns `damage`, with why it could not be done if so: then the file
  // stays, and a later try may go better.
  std::string begin_anew(const std::string& damage);
  // Whether the file was begun anew and has no checkpoint yet: only one that is `anew` may be written.
  bool wants_all();

  // ---- the place, from which somebody else may take the file
  // Writes a file that is gone from its place, or was replaced there, to it again, from what is still open; why that cannot be
  // done, or nothing. Between two checkpoints; rows under way are looked at with their cut.
  std::string keep_in_place();

  // ---- restoring
  // The checkpoint that is here, if any, and each of its keys to `take`, which returns false to stop.
  std::optional<StoredCheckpoint> load(const std::function<bool(const SavedKey&)>& take);
  // The head alone.
  std::optional<StoredCheckpoint> head();

  // ---- reading
  // Up to `limit` messages of a topic, from place `from` and before place `end`, ascending; fewer when they are large.
  std::vector<SavedMessage> history(const std::string& topic, std::uint64_t from, std::uint64_t end, std::size_t limit);
  // When the messages at every `step`th place from `from` and before `end` were said.
  std::vector<SavedTopic::Mark> marks(const std::string& topic, std::uint64_t from, std::uint64_t end, std::uint64_t step);
  // The time of the message at a place; nothing = it is not there.
  std::optional<std::int64_t> time_of(const std::string& topic, std::uint64_t at);
  // Up to `limit` dead letters after this one (nothing = from the first), in order of epoch and position.
  std::vector<DeadLetter> dead_letters(const std::optional<DeadLetterRef>& after, std::size_t limit);
  std::optional<DeadLetter> dead_letter(const DeadLetterRef& which);

 private:
  struct Statements;
  struct Inode {
    std::uint64_t device = 0, number = 0;
    bool operator==(const Inode&) const = default;
  };
  struct Salvaged {
    std::size_t letters = 0;
    bool all = false;  // there were no others
  };
  StateFile(std::string path, Note note, FileIdentity identity);
  void open_database();
  void close_database();
  void make_schema();
  void upgrade();
  void put_identity();
  void forget_checkpoint();
  FileIdentity read_identity();
  void exchange(const FileIdentity& saved);
  std::string kept_name(const FileIdentity& identity) const { return path_ + "." + ending_of(identity); }
  void take_kept_one();
  static std::optional<Inode> inode_of(const std::string& path);
  std::string displacement();
  void put_back();
  void delete_oldest_kept(const std::string& newest);
  std::string hand_over_letters(const std::string& next, bool same_plugin);
  bool has_folded(const DeadLetter& letter);
  void begin();
  void commit();
  void undo() noexcept;
  Salvaged salvage();
  Salvaged copy_letters(StateFile& to);
  bool copy_letters(StateFile& to, const std::string& columns, const std::string& order);
  std::optional<DeadLetter> read_letter(const DeadLetterRef& which);
  std::optional<DeadLetter> whole_letter_at(SQLite::Statement& row);
  std::string move_aside();
  void take_new_one();
  void put(const SavedKey& key);
  void put(const SavedMessage& message);
  void put(const SavedTopic& topic);
  void put(const DeadLetter& letter);
  void put_head(const CheckpointCut& cut);
  std::vector<SavedTopic> trim_before(std::int64_t time_us);
  std::optional<StoredCheckpoint> read_head();
  template <class Work>
  auto guarded(const char* verb, Work&& work);

  const std::string path_;
  const Note note_;
  const FileIdentity identity_;
  std::mutex mutex_;  // guards what follows
  std::unique_ptr<SQLite::Database> db_;
  std::unique_ptr<Statements> sql_;
  bool in_transaction_ = false;
  std::optional<Inode> inode_, journal_;  // of what is open; without the first, the next use opens it
  bool wants_all_ = false;
  bool known_ = false;  // it was opened before
  std::set<std::string> broken_told_;  // of dead letters that are left out; at most as many as there are
};

}  // namespace statecast::host
