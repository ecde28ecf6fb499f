#include "host/streaming/fanout.hpp"

#include <algorithm>

namespace statecast::host {

namespace {

std::size_t frames_of(const LaneBatch& batch) {
  std::size_t sum = batch.frames.size();
  for (const ShardItem& item : batch.items)
    if (const auto* page = std::get_if<Page>(&item)) sum += page->frames.size() + (page->with_cursor && !page->in_place ? 1 : 0);
  return sum;
}

}  // namespace

Outbox::Outbox(std::uint16_t lane, std::vector<ShardInbox*> shards) : shards_(std::move(shards)), batches_(shards_.size()) {
  for (LaneBatch& batch : batches_) batch.lane = lane;
}

void Outbox::post_all() {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    if (batches_[i].items.empty()) continue;
    frames_posted_.add(frames_of(batches_[i]));
    const auto lane = batches_[i].lane;
    ShardMessage message = std::move(batches_[i]);
    batches_[i] = {};
    batches_[i].lane = lane;
    shards_[i]->push_wait(message);
  }
}

void Outbox::lose() {
  for (LaneBatch& batch : batches_) batch.items.emplace_back(Lost{});
  post_all();
}

Fanout::Fanout(std::uint16_t lane, StateInstance& state, const InterestTable& interest,
               const std::vector<Encoding>& encodings, Outbox& outbox)
    : lane_(lane), state_(state), interest_(interest), encodings_(encodings), outbox_(outbox), encodes_(encodings.size()) {
  for (const Encoding& encoding : encodings_) guards_.add(*encoding.transport);
}

std::uint64_t Fanout::frames() const {
  std::uint64_t sum = 0;
  for (const Counter& encodes : encodes_) sum += encodes.value();
  return sum;
}

void Fanout::send(const ChangeSet::Entry& entry, std::string cursor) {
  rendered_ = 0;
  encoded_.clear();
  auto* change = new Change;
  const auto shared = Ref<Change>::adopt(change);
  change->key = entry.key;
  change->cursor = std::move(cursor);
  change->id = (std::uint64_t{lane_} << 48) | ++next_change_;
  change->lane = lane_;
  change->appended = static_cast<bool>(entry.appended);
  for (const auto topic : entry.topics) {
    for (const auto id : interest_.topic(topic).channels) {
      if (const auto frame = encoded(entry, interest_.channel(id), shared)) deliver(id, frame, shared);
    }
  }
}

const Fanout::Rendering& Fanout::rendering(const ChangeSet::Entry& entry, std::uint32_t view) {
  for (std::size_t i = 0; i < rendered_; ++i)
    if (renderings_[i].view == view) return renderings_[i];
  if (rendered_ == renderings_.size()) renderings_.emplace_back();
  Rendering& made = renderings_[rendered_++];
  made.view = view;
  made.visible = false;
  const std::string& name = interest_.view_name(view);
  if (entry.appended) {
    made.visible = entry.appended->view.empty() || entry.appended->view == name;
    if (made.visible) made.json = entry.appended->json;
  } else {
    made.visible = state_.render(entry.key, name, made.json) == SC_OK;
  }
  return made;
}

Ref<Frame> Fanout::encoded(const ChangeSet::Entry& entry, const InterestTable::Channel& channel, const Ref<Change>& change) {
  for (const Encoded& done : encoded_)
    if (done.view == channel.view && done.encoding == channel.encoding) return done.frame;
  const Rendering& seen = rendering(entry, channel.view);
  const auto frame = seen.visible ? encode(channel.encoding, seen.json, change->cursor, change) : Ref<Frame>{};
  encoded_.push_back({channel.view, channel.encoding, frame});
  return frame;
}

void Fanout::deliver(std::uint32_t id, const Ref<Frame>& frame, const Ref<Change>& change) {
  const auto& on_shard = interest_.channel(id).on_shard;
  for (std::uint16_t shard = 0; shard < on_shard.size(); ++shard) {
    if (on_shard[shard] == 0) continue;
    LaneBatch& batch = outbox_.to(shard);
    auto* open = batch.items.empty() ? nullptr : std::get_if<Delivery>(&batch.items.back());
    if (open == nullptr || open->change.get() != change.get()) {
      batch.items.emplace_back(Delivery{change, static_cast<std::uint32_t>(batch.frames.size()), 0});
      open = &std::get<Delivery>(batch.items.back());
    }
    batch.frames.push_back({id, frame});
    ++open->count;
  }
}

void Fanout::send_ended(const std::string& topic) {
  const auto number = interest_.find(topic);
  if (number == InterestTable::npos) return;
  for (const auto id : interest_.topic(number).channels) {
    const auto& on_shard = interest_.channel(id).on_shard;
    for (std::uint16_t shard = 0; shard < on_shard.size(); ++shard)
      if (on_shard[shard] != 0) outbox_.to(shard).items.emplace_back(Ended{id, topic});
  }
}

Ref<Frame> Fanout::encode(std::uint16_t encoding, std::string_view json, std::string_view cursor, Ref<Change> change,
                          std::uint32_t kind) {
  const Encoding& how = encodings_[encoding];
  const sc_message message{sizeof(sc_message), kind, str(json), str(cursor), {}};
  bytes_.clear();
  if (how.transport->encode(guards_.of(*how.transport), how.number, message, bytes_) != SC_OK) return {};
  encodes_[encoding].add();
  return Frame::make(bytes_.text(), std::move(change));
}

}  // namespace statecast::host
