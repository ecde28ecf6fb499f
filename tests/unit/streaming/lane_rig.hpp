// A real lane between a test and shard models: the fixture of the lane's tests.
#pragma once

#include <gtest/gtest.h>

#include "events.hpp"
#include "fake_plugins.hpp"
#include "host/streaming/store.hpp"
#include "shard_model.hpp"

namespace statecast::host::test {

class LaneRig : public testing::Test {
 protected:
  ~LaneRig() override;

  // Call start() once settings_, script_ and the number of shards are as the test wants them.
  void start(std::size_t shards = 1);
  Lane& lane() { return *lane_; }
  ShardModel& shard(std::size_t i = 0) { return *shards_[i]; }

  // Posts the events as one batch, at the positions that follow. [any one thread]
  void publish(std::vector<OwnedEvent> events);
  // As a feed does when the lane has begun anew: waits for that start, and posts all events again. [the same thread]
  void feed_again(std::uint32_t generation);
  void set(const std::string& key, const std::string& value) { publish({event("Set", key, value)}); }

  // Sets n keys k000, k001, ... to their numbers, in one batch.
  void set_keys(int n);
  static std::string key(int i);

  static std::string line(std::string_view position, std::string_view key, std::string_view value, std::string_view view = "all");
  using Lines = std::vector<std::string>;

  // Lets the lane and its store end, so that start() may follow.
  void stop();
  Store& store() { return *store_; }
  void start_store();

  Script script_;
  StateSettings settings_ = quiet();
  HistoryBounds bounds_;            // all but `messages`, which settings_ has
  std::string folder_;              // of a store; empty = none
  bool store_starts_ = true;        // with the lane; else start_store() is for the test to call
  std::uint64_t published_ = 0;

 private:
  static StateSettings quiet();
  void post(const Ref<EventBatch>& batch);

  std::uint32_t generation_ = 0;
  std::vector<Ref<EventBatch>> batches_;

  std::unique_ptr<TransportInstance> transport_;
  std::vector<Encoding> encodings_;
  std::vector<std::unique_ptr<ShardModel>> shards_;
  std::unique_ptr<Store> store_;
  bool store_runs_ = false;
  std::unique_ptr<Lane> lane_;
};

}  // namespace statecast::host::test
