// The topics that sessions of one shard are subscribed to: each kept once, for all the legs that name it by number.
//
// Owned by Streams. [shard]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/streaming/interest.hpp"

namespace statecast::host {

class SessionTopics {
 public:
  static constexpr std::uint32_t npos = 0xffffffff;

  // Counts one leg more on the topic. The number is the topic's until its last leg has left.
  std::uint32_t enter(const std::string& name, std::size_t prefix) {
    const auto [found, added] = numbers_.try_emplace(name, 0);
    if (added) found->second = place_for({&found->first, static_cast<std::uint32_t>(prefix), 0});
    ++topics_[found->second].legs;
    return found->second;
  }
  void leave(std::uint32_t number) {
    Topic& topic = topics_[number];
    if (--topic.legs != 0) return;
    numbers_.erase(numbers_.find(*topic.name));
    topic.name = nullptr;
    free_.push_back(number);
  }

  // npos when no session is on it.
  std::uint32_t find(std::string_view name) const {
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? npos : found->second;
  }
  const std::string& name(std::uint32_t number) const { return *topics_[number].name; }
  std::size_t prefix(std::uint32_t number) const { return topics_[number].prefix; }
  std::size_t size() const { return numbers_.size(); }

 private:
  struct Topic {
    const std::string* name;
    std::uint32_t prefix, legs;
  };
  std::uint32_t place_for(Topic topic) {
    if (free_.empty()) return topics_.push_back(topic), static_cast<std::uint32_t>(topics_.size() - 1);
    const auto number = free_.back();
    free_.pop_back();
    topics_[number] = topic;
    return number;
  }

  InterestTable::Numbers numbers_;
  std::vector<Topic> topics_;
  std::vector<std::uint32_t> free_;
};

}  // namespace statecast::host
