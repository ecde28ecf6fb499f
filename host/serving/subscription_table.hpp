// Who on a shard is subscribed to which channel of which lane. A lane's channels are numbered without large gaps, so a
// delivery finds its subscribers by index.
//
// Owned by the shard's Streams. [shard]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace statecast::host {

struct Subscriber {  // a leg of a session
  std::uint32_t slot = 0, leg = 0;
};

class SubscriptionTable {
 public:
  explicit SubscriptionTable(std::size_t lanes) : lanes_(lanes) {}

  // Puts a subscriber on the channel; its place there, by which it leaves.
  std::uint32_t enter(std::uint16_t lane, std::uint32_t channel, const Subscriber& subscriber) {
    Channels& channels = lanes_[lane];
    if (channel >= channels.size()) channels.resize(channel + 1);
    channels[channel].push_back(subscriber);
    return static_cast<std::uint32_t>(channels[channel].size() - 1);
  }

  // Takes off who stands at the place. The last of the channel moves there, and is returned unless it is that one.
  std::optional<Subscriber> leave(std::uint16_t lane, std::uint32_t channel, std::uint32_t place) {
    std::vector<Subscriber>& subscribers = lanes_[lane][channel];
    const Subscriber last = subscribers.back();
    subscribers[place] = last;
    subscribers.pop_back();
    if (subscribers.empty()) subscribers = {};  // gives its memory back
    return place == subscribers.size() ? std::nullopt : std::optional(last);
  }

  // Valid until somebody enters or leaves.
  std::span<const Subscriber> of(std::uint16_t lane, std::uint32_t channel) const {
    const Channels& channels = lanes_[lane];
    return channel < channels.size() ? std::span(channels[channel]) : std::span<const Subscriber>();
  }

 private:
  using Channels = std::vector<std::vector<Subscriber>>;
  std::vector<Channels> lanes_;
};

}  // namespace statecast::host
