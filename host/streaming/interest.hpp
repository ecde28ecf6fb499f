// Who is listening to a lane: for each topic its channels, one for each (view, encoding), with the number of subscribed
// legs on each shard. What has no channel is never rendered.
//
// Owned by its lane. [lane]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <functional>
#include <unordered_map>
#include <vector>

namespace statecast::host {

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

class InterestTable {
 public:
  struct Channel {
    std::uint32_t topic = 0, view = 0;
    std::uint16_t encoding = 0;
    std::uint32_t total = 0;                // 0 = free
    std::vector<std::uint32_t> on_shard;    // subscribed legs
  };
  struct Topic {
    std::string name;
    std::vector<std::uint32_t> channels;    // empty = free
  };

  explicit InterestTable(std::size_t shards) : shards_(shards) {}

  // Counts one leg more on the channel (topic, view, encoding), making it when there is none.
  std::uint32_t add(std::string_view topic, std::string_view view, std::uint16_t encoding, std::uint16_t shard);

  // Counts one leg less; a channel without any is freed, and its number used again.
  void remove(std::uint32_t channel, std::uint16_t shard);

  // The topic's number, or npos when nobody listens to it.
  std::uint32_t find(std::string_view topic) const;
  static constexpr std::uint32_t npos = 0xffffffff;

  bool holds(std::uint32_t channel, std::uint16_t shard) const;
  const Channel& channel(std::uint32_t id) const { return channels_[id]; }
  const Topic& topic(std::uint32_t id) const { return topics_[id]; }
  const std::string& view_name(std::uint32_t id) const { return views_[id].name; }
  using Numbers = std::unordered_map<std::string, std::uint32_t, StringHash, std::equal_to<>>;
  const Numbers& topics() const { return topic_numbers_; }

 private:
  struct View {
    std::string name;
    std::uint32_t channels = 0;             // 0 = free
  };

  std::uint32_t topic_number(std::string_view name);
  std::uint32_t view_number(std::string_view name);
  std::uint32_t new_channel();

  std::size_t shards_;
  std::vector<Channel> channels_;
  std::vector<Topic> topics_;
  std::vector<View> views_;
  std::vector<std::uint32_t> free_channels_, free_topics_, free_views_;
  Numbers topic_numbers_, view_numbers_;
};

}  // namespace statecast::host
