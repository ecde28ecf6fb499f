#include "host/streaming/interest.hpp"

namespace statecast::host {

namespace {

std::uint32_t take_free(std::vector<std::uint32_t>& free, std::size_t next) {
  if (free.empty()) return static_cast<std::uint32_t>(next);
  const auto id = free.back();
  free.pop_back();
  return id;
}

}  // namespace

std::uint32_t InterestTable::add(std::string_view topic_name, std::string_view view_name, std::uint16_t encoding,
                                 std::uint16_t shard) {
  const auto topic = topic_number(topic_name);
  const auto view = view_number(view_name);
  std::uint32_t id = npos;
  for (const auto candidate : topics_[topic].channels)
    if (channels_[candidate].view == view && channels_[candidate].encoding == encoding) id = candidate;
  if (id == npos) {
    id = new_channel();
    channels_[id].topic = topic;
    channels_[id].view = view;
    channels_[id].encoding = encoding;
    topics_[topic].channels.push_back(id);
    ++views_[view].channels;
  }
  ++channels_[id].on_shard[shard];
  ++channels_[id].total;
  return id;
}

void InterestTable::remove(std::uint32_t id, std::uint16_t shard) {
  if (!holds(id, shard)) return;
  Channel& channel = channels_[id];
  --channel.on_shard[shard];
  if (--channel.total != 0) return;
  free_channels_.push_back(id);
  if (View& view = views_[channel.view]; --view.channels == 0) {
    view_numbers_.erase(view.name);
    free_views_.push_back(channel.view);
  }
  Topic& topic = topics_[channel.topic];
  std::erase(topic.channels, id);
  if (!topic.channels.empty()) return;
  topic_numbers_.erase(topic.name);
  topic.name.clear();
  free_topics_.push_back(channel.topic);
}

std::uint32_t InterestTable::find(std::string_view topic) const {
  const auto found = topic_numbers_.find(topic);
  return found == topic_numbers_.end() ? npos : found->second;
}

bool InterestTable::holds(std::uint32_t id, std::uint16_t shard) const {
  return id < channels_.size() && channels_[id].total != 0 && channels_[id].on_shard[shard] != 0;
}

std::uint32_t InterestTable::topic_number(std::string_view name) {
  if (const auto id = find(name); id != npos) return id;
  const auto id = take_free(free_topics_, topics_.size());
  if (id == topics_.size()) topics_.emplace_back();
  topics_[id].name = name;
  topic_numbers_.emplace(name, id);
  return id;
}

std::uint32_t InterestTable::view_number(std::string_view name) {
  if (const auto found = view_numbers_.find(name); found != view_numbers_.end()) return found->second;
  const auto id = take_free(free_views_, views_.size());
  if (id == views_.size()) views_.emplace_back();
  views_[id].name = name;
  view_numbers_.emplace(name, id);
  return id;
}

std::uint32_t InterestTable::new_channel() {
  const auto id = take_free(free_channels_, channels_.size());
  if (id == channels_.size()) channels_.emplace_back();
  channels_[id].on_shard.assign(shards_, 0);
  return id;
}

}  // namespace statecast::host
