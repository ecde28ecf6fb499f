// The file in which one lane's checkpoint, the older part of its appended messages, and its dead letters are kept: SQLite,
// one writer, held exclusively. Whatever goes wrong is a StoreError whose text says where.
//
//   state_file.cpp        opening and writing
//   state_file_reads.cpp  restoring and reading
//   state_file_sql.*      what both share
//
// Owned by the Store. Used by the lane while it restores and by the store's thread otherwise; a mutex stands between them.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "host/result.hpp"
#include "host/streaming/checkpoint.hpp"

namespace SQLite {
class Database;
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
  // Opens the file, or makes it. One that is damaged is moved aside (".damaged") and begun anew; `note` is told. [main]
  static Result<std::unique_ptr<StateFile>> open(std::string path, const std::function<void(std::string)>& note);
  ~StateFile();

  const std::string& path() const { return path_; }

  // ---- writing. Rows take effect with the cut that follows them, durably when write(cut) returns.
  void write(const CheckpointRows& rows);
  // Returns the topics of which messages went because of their age, with their new first place.
  std::vector<SavedTopic> write(const CheckpointCut& cut);
  // Forgets the rows since the last cut.
  void roll_back() noexcept;

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
  // Up to `limit` dead letters after this one (nothing = from the first), in order of epoch and position.
  std::vector<DeadLetter> dead_letters(const std::optional<DeadLetterRef>& after, std::size_t limit);
  std::optional<DeadLetter> dead_letter(const DeadLetterRef& which);

 private:
  struct Statements;
  explicit StateFile(std::string path);
  void open_database();
  void move_aside();
  void make_schema();
  void begin();
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
  std::mutex mutex_;  // guards what follows
  std::unique_ptr<SQLite::Database> db_;
  std::unique_ptr<Statements> sql_;
  bool in_transaction_ = false;
};

}  // namespace statecast::host
