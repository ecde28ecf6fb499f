// Damages SQLite files for tests, as a failing disk or a careless hand might: whole pages become garbage, the header stays.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace statecast::host::test {

struct FilePage {
  std::int64_t number = 0;
  std::int64_t rows = 0;  // that begin there
};

// The pages of a table or an index, in the order of its keys: leaves, or what `kind` says as `dbstat` calls it.
inline std::vector<FilePage> pages_of(const std::string& file, const std::string& name, const std::string& kind = "leaf") {
  std::vector<FilePage> out;
  sqlite3* db = nullptr;
  sqlite3_stmt* rows = nullptr;
  const std::string sql = "SELECT pageno, ncell FROM dbstat WHERE name = '" + name + "' AND pagetype = '" + kind + "' ORDER BY path";
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &rows, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  while (sqlite3_step(rows) == SQLITE_ROW) out.push_back({sqlite3_column_int64(rows, 0), sqlite3_column_int64(rows, 1)});
  sqlite3_finalize(rows);
  sqlite3_close(db);
  EXPECT_FALSE(out.empty()) << name << " has no " << kind;
  return out;
}

inline void damage(const std::string& file, const std::vector<FilePage>& pages) {
  constexpr std::int64_t kPage = 4096;
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  for (const FilePage& page : pages) {
    ASSERT_GT(page.number, 1) << "the header is to stay";
    out.seekp((page.number - 1) * kPage) << std::string(kPage, '\xff');
  }
  ASSERT_TRUE(out.flush());
}

}  // namespace statecast::host::test
