// What becomes of a state's file of which a part is damaged: another takes its place, with the dead letters that can be read.
#include "damage.hpp"
#include "state_folder.hpp"

namespace statecast::host {
namespace {

using test::at;
using test::damage;
using test::pages_of;

constexpr std::uint64_t kKeys = 1'000, kLetters = 300;
constexpr const char* kMalformed = ": is damaged (database disk image is malformed)";

class StateFileDamage : public test::StateFolder {
 protected:
  // A file with a checkpoint, closed.
  void make_file(std::uint64_t letters = kLetters) {
    const auto file = open();
    save(*file, kKeys, letters, true);
  }
  static void save(StateFile& file, std::uint64_t keys, std::uint64_t letters, bool anew) {
    CheckpointRows rows;
    rows.first = true;
    rows.anew = anew;
    for (std::uint64_t i = 0; i < keys; ++i) rows.keys.push_back({"order-" + std::to_string(i), std::nullopt, "some bytes"});
    file.write(rows);
    CheckpointCut cut;
    cut.version = "1.0.0";
    cut.positions = {{"events", "e1", whole(at(7))}};
    for (std::uint64_t i = 1; i <= letters; ++i) cut.dead.push_back(letter(i));
    file.write(cut);
  }
  // The positions of the dead letters in the file, and "?" for one that is not as it was saved.
  static std::vector<std::uint64_t> letters_in(StateFile& file) {
    std::vector<std::uint64_t> out;
    for (const DeadLetter& found : file.dead_letters({}, 10'000)) {
      EXPECT_EQ(found.reason, letter(found.position.hi).reason);
      EXPECT_EQ(found.id, letter(found.position.hi).id);
      out.push_back(found.position.hi);
    }
    return out;
  }
  static std::size_t keys_in(StateFile& file) {
    std::size_t n = 0;
    file.load([&](const SavedKey&) { return ++n, true; });
    return n;
  }
  // What a use says that finds damage; nothing when it finds none.
  template <class Use>
  static std::string damage_found(Use use) {
    try {
      use();
    } catch (const StoreError& error) {
      EXPECT_TRUE(error.damaged()) << error.what();
      return error.what();
    }
    return "";
  }
  static std::string damage_found_loading(StateFile& file) {
    return damage_found([&] { keys_in(file); });
  }
  std::string note(const std::string& aside, const std::string& letters) const {
    return path() + kMalformed + ": moved to " + path() + aside + "; a new one begins with " + letters + ": check the disk that it is on";
  }
  bool exists(const std::string& ending) const { return std::filesystem::exists(path() + ending); }
};

TEST_F(StateFileDamage, ThatIsSeenAsItIsOpenedMovesItAside) {
  std::ofstream(path()) << std::string(20'000, 'x');
  const auto file = open();
  EXPECT_FALSE(file->head().has_value());
  EXPECT_EQ(notes_, Words{path() + ": is damaged (file is not a database): moved to " + path() +
                          ".damaged; a new one begins with those of its dead letters that can be read (0), and the others are lost: "
                          "check the disk that it is on"});
  EXPECT_EQ(std::filesystem::file_size(path() + ".damaged"), 20'000u);
}

TEST_F(StateFileDamage, AmongTheKeysLosesNoDeadLetter) {
  make_file();
  const auto bytes = std::filesystem::file_size(path());
  damage(path(), pages_of(path(), "keys"));
  const auto file = open();
  EXPECT_EQ(notes_, Words{}) << "opening reads the first pages only";
  const auto found = damage_found_loading(*file);
  EXPECT_EQ(found, path() + kMalformed);
  EXPECT_EQ(file->begin_anew(found), found);
  EXPECT_EQ(notes_, Words{note(".damaged", "all of its dead letters (300)")});
  EXPECT_EQ(std::filesystem::file_size(path() + ".damaged"), bytes);
  EXPECT_FALSE(file->head().has_value());
  EXPECT_EQ(letters_in(*file).size(), kLetters);
  save(*file, 3, 0, true);
  EXPECT_EQ(keys_in(*file), 3u);
  EXPECT_FALSE(exists(".new"));
}

TEST_F(StateFileDamage, OfAPageOfDeadLettersLosesThoseOnIt) {
  make_file();
  const auto leaves = pages_of(path(), "dead_letters");
  ASSERT_GT(leaves.size(), 2u);
  const auto& lost = leaves[leaves.size() / 2];
  damage(path(), {lost});
  const auto file = open();
  EXPECT_EQ(keys_in(*file), kKeys);
  file->begin_anew(damage_found([&] { letters_in(*file); }));
  const auto left = letters_in(*file);
  EXPECT_EQ(left.size(), kLetters - static_cast<std::uint64_t>(lost.rows));
  EXPECT_EQ(left.front(), 1u);
  EXPECT_EQ(left.back(), kLetters);
  EXPECT_EQ(notes_, Words{note(".damaged", "those of its dead letters that can be read (" + std::to_string(left.size()) + "), and the others are lost")});
}

TEST_F(StateFileDamage, OfOneDeadLettersDataHidesNoOther) {
  {
    const auto file = open();
    CheckpointRows rows;
    rows.first = true;
    file->write(rows);
    CheckpointCut cut;
    for (std::uint64_t i = 1; i <= 9; ++i) cut.dead.push_back(letter(i));
    cut.dead[4].data = std::string(20'000, 'x');
    file->write(cut);
  }
  damage(path(), {pages_of(path(), "dead_letters", "overflow").front()});
  const auto file = open();
  file->begin_anew(damage_found([&] { letters_in(*file); }));
  EXPECT_EQ(letters_in(*file), (std::vector<std::uint64_t>{1, 2, 3, 4, 6, 7, 8, 9}));
}

TEST_F(StateFileDamage, OfEveryPageOfDeadLettersLosesThemAll) {
  make_file();
  damage(path(), pages_of(path(), "dead_letters", "internal"));
  const auto file = open();
  file->begin_anew(damage_found([&] { letters_in(*file); }));
  EXPECT_EQ(letters_in(*file).size(), 0u);
  EXPECT_EQ(notes_, Words{note(".damaged", "those of its dead letters that can be read (0), and the others are lost")});
}

TEST_F(StateFileDamage, OfAValueIsDamageOfTheFile) {
  make_file();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "UPDATE keys SET changed = 'x' WHERE key = 'order-7'", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  EXPECT_EQ(damage_found_loading(*open()), path() + ": is damaged (key 'order-7' is not as it was written)");
}

TEST_F(StateFileDamage, ThatIsFoundByAWriteLetsTheFileBeginAnewToo) {
  make_file();
  damage(path(), pages_of(path(), "sqlite_autoindex_keys_1"));
  const auto file = open();
  const auto found = damage_found([&] { save(*file, kKeys, kLetters, true); });
  EXPECT_EQ(found, path() + kMalformed);
  EXPECT_EQ(file->begin_anew(found), found) << "while a checkpoint is under way";
  save(*file, 5, 0, true);
  EXPECT_EQ(keys_in(*file), 5u);
  EXPECT_EQ(letters_in(*file).size(), kLetters);
}

TEST_F(StateFileDamage, IsFollowedByACheckpointOfEverythingAndByNoOther) {
  make_file();
  const auto file = open();
  EXPECT_FALSE(file->wants_all());
  file->begin_anew("damaged");
  EXPECT_TRUE(file->wants_all());
  std::string refused;
  try {
    save(*file, 3, 0, false);
  } catch (const StoreError& error) {
    EXPECT_FALSE(error.damaged());
    refused = error.what();
  }
  EXPECT_EQ(refused, path() + ": was begun anew, and has to be given everything");
  save(*file, 3, 0, true);
  EXPECT_FALSE(file->wants_all());
  save(*file, 4, 0, false);
  EXPECT_EQ(keys_in(*file), 4u);
}

// ---- where the damaged file goes

TEST_F(StateFileDamage, ASecondTimeLeavesTheFirstFileWhereItIs) {
  for (const std::string aside : {".damaged", ".damaged.2"}) {
    make_file();
    damage(path(), pages_of(path(), "keys"));
    const auto file = open();
    file->begin_anew(damage_found_loading(*file));
    EXPECT_EQ(notes_.back(), note(aside, "all of its dead letters (300)"));
  }
  EXPECT_TRUE(exists(".damaged"));
  EXPECT_TRUE(exists(".damaged.2"));
}

TEST_F(StateFileDamage, TakesTheLastNameAgainWhenAllAreTaken) {
  std::ofstream(path() + ".damaged") << "the first";
  for (int i = 2; i <= StateFile::kDamagedAtMost; ++i) std::ofstream(path() + ".damaged." + std::to_string(i)) << "another";
  make_file();
  open()->begin_anew(path() + kMalformed);
  EXPECT_EQ(notes_, Words{note(".damaged.10", "all of its dead letters (300)")});
  EXPECT_EQ(std::filesystem::file_size(path() + ".damaged"), 9u);
  EXPECT_GT(std::filesystem::file_size(path() + ".damaged.10"), 4096u);
  EXPECT_FALSE(exists(".damaged.11"));
}

// ---- when that fails

TEST_F(StateFileDamage, StaysAsItIsWhileNoNewFileCanBeMade) {
  make_file();
  damage(path(), pages_of(path(), "keys"));
  std::filesystem::create_directories(path() + ".new/in the way");
  const auto file = open();
  const auto found = damage_found_loading(*file);
  EXPECT_EQ(file->begin_anew(found), found + ", and cannot be begun anew (" + path() + ".new: cannot be written (unable to open database file))");
  EXPECT_EQ(notes_, Words{});
  EXPECT_FALSE(exists(".damaged"));
  EXPECT_EQ(letters_in(*file).size(), kLetters);
  EXPECT_EQ(damage_found([&] { save(*file, 3, 0, true); }), found);
  std::filesystem::remove_all(path() + ".new");
  EXPECT_EQ(file->begin_anew(found), found);
  save(*file, 3, 0, true);
  EXPECT_EQ(keys_in(*file), 3u);
}

TEST_F(StateFileDamage, StaysAsItIsWhileItCannotBeMovedAside) {
  make_file();
  damage(path(), pages_of(path(), "keys"));
  std::filesystem::create_directory(path() + ".damaged");
  for (int i = 2; i <= StateFile::kDamagedAtMost; ++i) std::filesystem::create_directory(path() + ".damaged." + std::to_string(i));
  const auto file = open();
  const auto found = damage_found_loading(*file);
  EXPECT_EQ(file->begin_anew(found), found + ", and cannot be begun anew (" + path() + " cannot be renamed to " + path() + ".damaged.10: Is a directory)");
  EXPECT_FALSE(file->wants_all());
  file->roll_back();
  EXPECT_EQ(letters_in(*file).size(), kLetters);
  EXPECT_EQ(damage_found_loading(*file), found);
  std::filesystem::remove(path() + ".damaged.4");
  EXPECT_EQ(file->begin_anew(found), found);
  EXPECT_EQ(notes_, Words{note(".damaged.4", "all of its dead letters (300)")});
}

TEST_F(StateFileDamage, ThatCannotBeMovedAsideAsItIsOpenedIsToldByEachUse) {
  std::ofstream(path()) << std::string(20'000, 'x');
  std::filesystem::create_directories(path() + ".new/in the way");
  const auto file = open();
  const auto found = path() + ": is damaged (file is not a database)";
  EXPECT_EQ(damage_found([&] { file->head(); }), found);
  file->roll_back();
  EXPECT_EQ(damage_found([&] { letters_in(*file); }), found);
  EXPECT_EQ(damage_found([&] { save(*file, 3, 0, true); }), found);
  std::filesystem::remove_all(path() + ".new");
  EXPECT_EQ(file->begin_anew(found), found);
  save(*file, 3, 0, true);
  EXPECT_EQ(keys_in(*file), 3u);
}

TEST_F(StateFileDamage, IsOverWhenTheHostEndedBetweenTheTwoRenames) {
  make_file();
  std::filesystem::rename(path(), path() + ".new");
  const auto file = open();
  EXPECT_EQ(letters_in(*file).size(), kLetters);
  EXPECT_FALSE(exists(".new"));
}

}  // namespace
}  // namespace statecast::host
