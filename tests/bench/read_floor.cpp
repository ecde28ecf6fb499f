// read_floor: what merely reading a log costs: every row of its events, in order, with all the columns that a replay
// reads. Tells as one JSON object how many rows and bytes came in how many seconds.
#include <sqlite3.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace {

constexpr const char* kRows = "SELECT seq, time_us, id, source, type, subject, data, extensions FROM events ORDER BY seq";
constexpr int kFirstText = 2, kColumns = 8;

void check(bool good, sqlite3* db) {
  if (!good) throw std::runtime_error(sqlite3_errmsg(db));
}

}  // namespace

int main(int argc, char** argv) try {
  std::string file;
  CLI::App app("Reads every event of a log");
  app.add_option("--file", file)->required();
  CLI11_PARSE(app, argc, argv);
  const auto begin = std::chrono::steady_clock::now();
  sqlite3* db = nullptr;
  check(sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr) == SQLITE_OK, db);
  sqlite3_stmt* rows = nullptr;
  check(sqlite3_prepare_v2(db, kRows, -1, &rows, nullptr) == SQLITE_OK, db);
  std::size_t count = 0, bytes = 0;
  int result;
  for (; (result = sqlite3_step(rows)) == SQLITE_ROW; ++count)
    for (int column = kFirstText; column < kColumns; ++column) {
      sqlite3_column_text(rows, column);
      bytes += static_cast<std::size_t>(sqlite3_column_bytes(rows, column));
    }
  check(result == SQLITE_DONE, db);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  sqlite3_finalize(rows);
  sqlite3_close(db);
  std::printf(R"({"rows":%zu,"bytes":%zu,"seconds":%.6f})"
              "\n", count, bytes, taken.count());
} catch (const std::exception& error) {
  std::fprintf(stderr, "read_floor: %s\n", error.what());
  return 1;
}
