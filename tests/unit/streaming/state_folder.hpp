// A folder with the file of a state, which tests open under one identity or another.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "events.hpp"
#include "host/streaming/state_file.hpp"

namespace statecast::host::test {

class StateFolder : public testing::Test {
 protected:
  using Words = std::vector<std::string>;

  StateFolder() {
    std::string name = testing::TempDir() + "state-file-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~StateFolder() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ / "orders.state"; }
  static FileIdentity of(const std::string& plugin, const std::string& settings = "{}") {
    FileIdentity identity{{kPluginFact, plugin}, {kSourcesFact, "events"}};
    add_settings(identity, settings, "{}");
    return identity;
  }
  std::unique_ptr<StateFile> open(FileIdentity identity = of("order")) {
    auto opened = StateFile::open(path(), [this](const std::string& note, bool) { notes_.push_back(note); }, std::move(identity));
    EXPECT_TRUE(opened) << opened.error().text();
    return opened ? std::move(*opened) : nullptr;
  }
  static DeadLetter letter(std::uint64_t position) {
    DeadLetter out;
    out.source = "events";
    out.epoch = "e1";
    out.position = at(position);
    out.reason = "order o-" + std::to_string(position) + " does not exist";
    out.id = "event-" + std::to_string(position);
    out.subject = "o-" + std::to_string(position);
    return out;
  }
  // Saves these keys as all that there is, up to this position.
  static void save(StateFile& file, const Words& keys, std::uint64_t position, const std::vector<std::uint64_t>& letters = {}) {
    CheckpointRows rows;
    rows.first = rows.anew = true;
    for (const std::string& key : keys) rows.keys.push_back({key, std::nullopt, "bytes of " + key});
    file.write(rows);
    CheckpointCut cut;
    cut.version = "1.0.0";
    cut.positions = {{"events", "e1", whole(at(position))}};
    cut.ended = {"orders/ended"};
    for (const auto i : letters) cut.dead.push_back(letter(i));
    auto* message = new AppendedMessage;
    message->json = R"({"n":1})";
    cut.history = {{"log/a", 0, Ref<AppendedMessage>::adopt(message)}};
    cut.topics = {{"log/a", 0, 1, {}, {}}};
    file.write(cut);
  }
  static Words keys_in(StateFile& file) {
    Words out;
    file.load([&](const SavedKey& key) { return out.push_back(key.key), true; });
    return out;
  }
  static std::vector<std::uint64_t> letters_in(StateFile& file) {
    std::vector<std::uint64_t> out;
    for (const DeadLetter& found : file.dead_letters({}, 1'000)) out.push_back(found.position.hi);
    return out;
  }
  static std::string sentence_of(const std::function<void()>& use) {
    try {
      use();
    } catch (const StoreError& error) {
      return error.what() + std::string(error.damaged() ? "" : " [not damaged]");
    }
    return "";
  }
  // What a failing disk or a careless hand might do to the file.
  void execute(const std::string& sql) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path().c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  // Those that stand beside the file, in no order.
  Words others() const {
    Words out;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      if (entry.path() != path()) out.push_back(entry.path().filename());
    return out;
  }

  std::filesystem::path folder_;
  Words notes_;
};

}  // namespace statecast::host::test
