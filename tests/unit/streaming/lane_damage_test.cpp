// A lane whose state's file is damaged: it runs, has what its events say, and its checkpoints are saved again.
#include <stdlib.h>

#include "damage.hpp"
#include "lane_rig.hpp"

namespace statecast::host::test {
namespace {

constexpr int kKeys = 500, kRejected = 300, kSaid = 200;

class LaneDamage : public LaneRig {
 protected:
  LaneDamage() {
    std::string name = (std::filesystem::temp_directory_path() / "statecast-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    settings_.history = 10'000;
  }
  ~LaneDamage() override {
    stop();
    std::filesystem::remove_all(folder_);
  }

  std::string file() const { return folder_ + "/things.state"; }
  bool exists(const std::string& ending) const { return std::filesystem::exists(file() + ending); }
  // Runs a lane to the end of its events, and leaves the file that it saved.
  void fill() {
    start();
    set_keys(kKeys);
    std::vector<OwnedEvent> rejected, said;
    for (int i = 0; i < kRejected; ++i) rejected.push_back(event("Reject", "r", "reason " + std::to_string(i)));
    for (int i = 0; i < kSaid; ++i) said.push_back(event("Say", "a", R"([{"n":)" + std::to_string(i) + "}]"));
    publish(std::move(rejected));
    publish(std::move(said));
    publish({event("End", "k000", "{}")});
    shard().fence();
    stop();
  }
  // The same from the start of history.
  void replay() {
    feed_again(0);
    shard().fence();
  }
  std::string value_of(int i) {
    const Value value = shard().read("things/" + key(i));
    return value.items.empty() ? value.text : value.items.front().second;
  }
  std::size_t messages() {
    const auto c = shard().subscribe({{.topic = "log/all", .appended = true}});
    shard().run_until_listed(c);
    auto bodies = shard().client(c).bodies();
    std::erase(bodies, "");
    return bodies.size();
  }
  void run_until(const std::function<bool(const CheckpointStatus&)>& so, const std::string& what) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    do {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "still waiting for " << what;
      shard().fence();
    } while (!so(lane().status().checkpoints));
  }
  void run_until_saved() {
    run_until([](const CheckpointStatus& status) { return status.checkpoints > 0 && status.failing_since_ns == 0; }, "a checkpoint");
  }
  // What the file has when no lane runs.
  struct Saved {
    std::size_t keys = 0, letters = 0;
    std::vector<std::string> ended;
  };
  Saved saved() {
    Saved out;
    auto opened = StateFile::open(file(), [](const std::string& note, bool) { ADD_FAILURE() << note; });
    EXPECT_TRUE(opened);
    if (const auto head = (*opened)->load([&](const SavedKey&) { return ++out.keys, true; })) out.ended = head->ended;
    out.letters = (*opened)->dead_letters({}, 10'000).size();
    return out;
  }
};

TEST_F(LaneDamage, OfKeysIsMendedByAReplayAsOftenAsItComes) {
  fill();
  for (const std::string aside : {".damaged", ".damaged.2"}) {
    damage(file(), pages_of(file(), "keys"));
    start();
    shard().fence();
    EXPECT_EQ(lane().status().dead_letters, std::size_t{kRejected});
    EXPECT_EQ(lane().status().keys, 0u);
    replay();
    EXPECT_EQ(value_of(7), line("", key(7), "7").substr(1));
    EXPECT_EQ(messages(), std::size_t{kSaid});
    run_until_saved();
    EXPECT_EQ(lane().status().checkpoints.failures, 0u);
    stop();
    EXPECT_TRUE(exists(aside));
    EXPECT_EQ(saved().keys, std::size_t{kKeys});
    EXPECT_EQ(saved().letters, std::size_t{kRejected});
  }
  EXPECT_TRUE(exists(".damaged"));
  start();
  EXPECT_EQ(value_of(7), line("", key(7), "7").substr(1)) << "from its checkpoint";
}

TEST_F(LaneDamage, IsWhatAKeyIsWorthThatThePluginRefusesAndHistoryIsReplayed) {
  fill();
  {
    auto opened = StateFile::open(file(), [](const std::string& note, bool) { ADD_FAILURE() << note; });
    CheckpointRows rows;
    rows.first = true;
    rows.keys = {{key(7), std::nullopt, "unreadable"}};
    CheckpointCut cut;
    const auto head = *(*opened)->head();
    cut.version = head.version;
    cut.positions = head.positions;
    cut.messages = head.messages;
    (*opened)->write(rows);
    (*opened)->write(cut);
  }
  start();
  shard().fence();
  EXPECT_EQ(lane().status().keys, 0u);
  EXPECT_EQ(lane().status().dead_letters, std::size_t{kRejected});
  replay();
  EXPECT_EQ(value_of(7), line("", key(7), "7").substr(1));
  EXPECT_FALSE(exists(".damaged")) << "the file is well";
}

TEST_F(LaneDamage, OfDeadLettersKeepsTheOthersAndAReplayFindsThoseAgain) {
  fill();
  const auto leaves = pages_of(file(), "dead_letters");
  ASSERT_GT(leaves.size(), 2u);
  const auto& lost = leaves[leaves.size() / 2];
  damage(file(), {lost});
  start();
  shard().fence();
  EXPECT_EQ(lane().status().dead_letters, kRejected - static_cast<std::size_t>(lost.rows));
  replay();
  EXPECT_EQ(lane().status().dead_letters, std::size_t{kRejected});
  EXPECT_EQ(value_of(7), line("", key(7), "7").substr(1));
  run_until_saved();
  stop();
  EXPECT_TRUE(exists(".damaged"));
  EXPECT_EQ(saved().keys, std::size_t{kKeys});
  EXPECT_EQ(saved().letters, std::size_t{kRejected});
}

TEST_F(LaneDamage, ThatACheckpointFindsIsMendedByWhatTheLaneKnows) {
  fill();
  damage(file(), pages_of(file(), "history_by_time"));
  start();
  EXPECT_EQ(value_of(7), line("", key(7), "7").substr(1)) << "from its checkpoint";
  EXPECT_EQ(messages(), std::size_t{kSaid});
  set(key(7), "8");
  run_until_saved();
  EXPECT_EQ(lane().status().checkpoints.failures, 1u);
  EXPECT_EQ(lane().status().dead_letters, std::size_t{kRejected});
  EXPECT_EQ(messages(), 0u) << "the older messages were in the file alone";
  publish({event("Say", "a", R"([{"n":1000}])")});
  EXPECT_EQ(messages(), 1u);
  stop();
  EXPECT_TRUE(exists(".damaged"));
  EXPECT_EQ(saved().keys, std::size_t{kKeys});
  EXPECT_EQ(saved().letters, std::size_t{kRejected});
  EXPECT_EQ(saved().ended, Lines{"things/k000"});
  start();
  EXPECT_EQ(value_of(7), line("", key(7), "8").substr(1));
  EXPECT_EQ(value_of(8), line("", key(8), "8").substr(1));
  EXPECT_EQ(messages(), 1u);
}

TEST_F(LaneDamage, ThatTheLastCheckpointFindsIsMendedBeforeTheLaneEnds) {
  fill();
  damage(file(), pages_of(file(), "history_by_time"));
  store_starts_ = false;
  start();
  set(key(7), "8");
  shard().fence();
  stop();
  EXPECT_TRUE(exists(".damaged"));
  EXPECT_EQ(saved().keys, std::size_t{kKeys});
  store_starts_ = true;
  start();
  EXPECT_EQ(value_of(7), line("", key(7), "8").substr(1));
}

TEST_F(LaneDamage, DoesNotKeepTheStateFromRunningWhenTheFileCannotBeBegunAnew) {
  fill();
  damage(file(), pages_of(file(), "keys"));
  const auto leaves = pages_of(file(), "dead_letters");
  damage(file(), {leaves[leaves.size() / 2]});
  std::filesystem::create_directories(file() + ".new/in the way");
  start();
  replay();
  EXPECT_EQ(value_of(7), line("", key(7), "7").substr(1));
  EXPECT_EQ(lane().status().dead_letters, std::size_t{kRejected});
  run_until([](const CheckpointStatus& status) { return status.failures > 1; }, "checkpoints that fail");
  EXPECT_FALSE(exists(".damaged"));
  std::filesystem::remove_all(file() + ".new");
  run_until_saved();
  stop();
  EXPECT_TRUE(exists(".damaged"));
  EXPECT_EQ(saved().keys, std::size_t{kKeys});
  EXPECT_EQ(saved().letters, std::size_t{kRejected});
}

}  // namespace
}  // namespace statecast::host::test
