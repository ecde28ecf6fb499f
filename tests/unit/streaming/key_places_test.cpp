#include "host/streaming/key_places.hpp"

#include <gtest/gtest.h>

#include <string>

namespace statecast::host {
namespace {

class KeyPlacesTest : public testing::Test {
 protected:
  void add(std::string key) {
    places_.add(key, static_cast<std::uint32_t>(keys_.size()));
    keys_.push_back(std::move(key));
  }
  std::uint32_t find(std::string_view key) const {
    return places_.find(key, [this](std::uint32_t place) -> std::string_view { return keys_[place]; });
  }
  void clear() {
    places_.clear();
    keys_.clear();
  }

  std::vector<std::string> keys_;
  KeyPlaces places_;
};

TEST_F(KeyPlacesTest, HasNothingAtFirst) { EXPECT_EQ(find("a"), KeyPlaces::kNone); }

TEST_F(KeyPlacesTest, FindsEachKeyHoweverManyThereAre) {
  for (int i = 0; i < 5000; ++i) add("key " + std::to_string(i));
  for (std::uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(find("key " + std::to_string(i)), i);
  EXPECT_EQ(find("key 5000"), KeyPlaces::kNone);
  EXPECT_EQ(find(""), KeyPlaces::kNone);
}

TEST_F(KeyPlacesTest, ForgetsAllKeysAtOnce) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) add(std::to_string(round) + " " + std::to_string(i));
    EXPECT_EQ(find(std::to_string(round) + " 99"), 99u);
    clear();
    EXPECT_EQ(find(std::to_string(round) + " 99"), KeyPlaces::kNone);
  }
}

}  // namespace
}  // namespace statecast::host
