// A state's file that somebody deletes or replaces while it is open is written to its place again, with all that is in it.
#include <fstream>

#include "state_folder.hpp"

namespace statecast::host {
namespace {

using Numbers = std::vector<std::uint64_t>;

class PlaceOfAFile : public test::StateFolder {
 protected:
  std::string told(const std::string& what) const {
    return path() + ": " + what + ": it is written there again from what was still open, and nothing of it is lost; see who takes files from there";
  }
  // What a host finds that begins now.
  void expect_saved(const Words& keys, const Numbers& letters) {
    file_ = nullptr;
    file_ = open();
    EXPECT_EQ(keys_in(*file_), keys);
    EXPECT_EQ(letters_in(*file_), letters);
    EXPECT_EQ(file_->history("log/a", 0, 9, 9).size(), 1u);
  }
  void begin() {
    file_ = open();
    save(*file_, {"a", "b"}, 7, {3});
  }
  std::unique_ptr<StateFile> file_;
};

TEST_F(PlaceOfAFile, ThatNobodyTouchesIsQuiet) {
  begin();
  EXPECT_EQ(file_->keep_in_place(), "");
  EXPECT_EQ(notes_, Words{});
}

TEST_F(PlaceOfAFile, IsTakenAgainAfterItWasDeleted) {
  begin();
  std::filesystem::remove(path());
  std::filesystem::remove(path() + "-wal");
  EXPECT_EQ(file_->keep_in_place(), "");
  EXPECT_EQ(notes_, Words{told("is gone")});
  EXPECT_EQ(file_->keep_in_place(), "");
  EXPECT_EQ(notes_.size(), 1u);
  save(*file_, {"a", "c"}, 9, {4});
  expect_saved({"a", "c"}, {3, 4});
}

TEST_F(PlaceOfAFile, IsTakenAgainAfterItsFolderWasDeleted) {
  begin();
  std::filesystem::remove_all(folder_);
  EXPECT_EQ(file_->keep_in_place(), "");
  EXPECT_EQ(notes_, Words{told("is gone")});
  expect_saved({"a", "b"}, {3});
}

TEST_F(PlaceOfAFile, IsTakenAgainAfterItsJournalWasDeleted) {
  begin();
  std::filesystem::remove(path() + "-wal");
  EXPECT_EQ(file_->keep_in_place(), "");
  EXPECT_EQ(notes_, Words{told("its journal is gone")});
  expect_saved({"a", "b"}, {3});
}

TEST_F(PlaceOfAFile, IsTakenAgainAfterItWasReplacedAndTheOtherFileIsKept) {
  begin();
  std::filesystem::rename(path(), folder_ / "elsewhere");
  std::ofstream(path()) << "a copy of last week";
  EXPECT_EQ(file_->keep_in_place(), "");
  EXPECT_EQ(notes_, (Words{path() + ": what was put in its place is moved to " + path() + ".replaced", told("was replaced by another file")}));
  EXPECT_EQ(std::filesystem::file_size(path() + ".replaced"), 19u);
  expect_saved({"a", "b"}, {3});
}

TEST_F(PlaceOfAFile, IsWaitedForWhileItCannotBeWritten) {
  begin();
  std::filesystem::remove_all(folder_);
  std::ofstream(folder_) << "in the way";
  const std::string why = path() + ": is gone, and cannot be written again (the folder cannot be made: Not a directory)";
  EXPECT_EQ(file_->keep_in_place(), why);
  EXPECT_EQ(file_->keep_in_place(), why);
  std::filesystem::remove(folder_);
  EXPECT_EQ(file_->keep_in_place(), "");
  expect_saved({"a", "b"}, {3});
}

TEST_F(PlaceOfAFile, IsLookedAtWithTheCutWhileRowsAreUnderWay) {
  begin();
  std::filesystem::remove_all(folder_);
  CheckpointRows rows;
  rows.first = true;
  rows.keys = {{"half", std::nullopt, "bytes"}};
  file_->write(rows);
  EXPECT_EQ(file_->keep_in_place(), "");
  EXPECT_EQ(notes_, Words{}) << "what is not cut must not be written";
  file_->roll_back();
  EXPECT_EQ(file_->keep_in_place(), "");
  expect_saved({"a", "b"}, {3});
}

}  // namespace
}  // namespace statecast::host
