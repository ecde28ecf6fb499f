// A folder of a test's own, and logs in it.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>

#include "plugins/sources/log/log_source.hpp"
#include "tests/unit/plugins/source_behaviour.hpp"

namespace statecast::test {

class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "statecast-log-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string settings_of(const std::string& path) { return R"({"path":")" + path + "\"}"; }

class LogTest : public ::testing::Test {
 protected:
  static std::unique_ptr<SourceKit> open(const std::string& path) {
    return std::make_unique<SourceKit>(testkit::source_table<log::LogSource>(), settings_of(path));
  }
  std::unique_ptr<SourceKit> open() const { return open(path_); }

  // What an operator reads who starts with this path.
  static std::string refusal(const std::string& path) {
    const Outcome creation = open(path)->creation();
    EXPECT_EQ(creation.status, SC_REJECTED);
    return creation.text;
  }
  std::string refusal() const { return refusal(path_); }

  // Runs SQL on the file, as another program might.
  void sql(const std::string& statements) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, statements.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }

  const Folder folder_;
  const std::string path_ = folder_.file("events.db");
};

}  // namespace statecast::test
