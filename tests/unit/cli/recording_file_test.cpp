#include "host/cli/recording_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace statecast::host {
namespace {

std::string read(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class RecordingFileTest : public testing::Test {
 protected:
  RecordingFileTest() { std::filesystem::create_directories(folder_); }
  ~RecordingFileTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<RecordingFile> create(bool replace = false) {
    auto made = RecordingFile::create(loop_, path_, replace);
    EXPECT_TRUE(made);
    return made ? std::move(*made) : nullptr;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("recording-" + std::to_string(::getpid()) + "-" + testing::UnitTest::GetInstance()->current_test_info()->name());
  const std::string path_ = folder_ / "events.ndjson", partial_ = path_ + ".partial";
  client::ClientLoop loop_;
};

TEST_F(RecordingFileTest, IsInItsPlaceOnlyWhenItIsWhole) {
  const auto file = create();
  EXPECT_TRUE(file->add("{}"));
  EXPECT_TRUE(file->add("[]"));
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_EQ(file->where(), partial_);
  EXPECT_TRUE(file->finish());
  EXPECT_EQ(read(path_), "{}\n[]\n");
  EXPECT_FALSE(std::filesystem::exists(partial_));
  EXPECT_EQ(file->events(), 2u);
}

TEST_F(RecordingFileTest, IsLeftBesideItsPlaceWhenItIsNot) {
  const auto file = create();
  file->add("{}");
  file->leave();
  EXPECT_EQ(read(partial_), "{}\n");
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(RecordingFileTest, ReplacesNothingUnlessToldTo) {
  std::ofstream(path_) << "precious\n";
  const auto refused = RecordingFile::create(loop_, path_, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(), path_ + " is there already\n  = fix: name another file, or replace it with --force");
  EXPECT_TRUE(create(true)->finish());
  EXPECT_EQ(read(path_), "");
}

TEST_F(RecordingFileTest, SaysWhyItCannotBeWritten) {
  const auto refused = RecordingFile::create(loop_, folder_ / "nowhere" / "x", false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(), "cannot write " + (folder_ / "nowhere" / "x.partial").string() +
                                        ": No such file or directory\n  = fix: name a file in a folder where you may write");
}

}  // namespace
}  // namespace statecast::host
