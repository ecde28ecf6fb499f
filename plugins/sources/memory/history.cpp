#include "plugins/sources/memory/history.hpp"

#include <algorithm>
#include <statecast/sequence.hpp>

namespace statecast::memory {

Record::Record(const Event& event) : time_us_(event.time_us) {
  const std::array<std::string_view, kPieces> pieces{event.id,      event.source, event.type,
                                                     event.subject, event.data,   event.extensions};
  std::size_t total = 0;
  for (std::size_t i = 0; i < kPieces; ++i) ends_[i] = static_cast<std::uint32_t>(total += pieces[i].size());
  bytes_.reserve(total);
  for (const std::string_view piece : pieces) bytes_ += piece;
}

std::string_view Record::piece(std::size_t i) const {
  const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
  return std::string_view(bytes_).substr(begin, ends_[i] - begin);
}

Event Record::event(std::uint64_t seq) const {
  return {.position = position_of(seq),
          .time_us = time_us_,
          .id = piece(0),
          .source = piece(1),
          .type = piece(2),
          .subject = piece(3),
          .data = piece(4),
          .extensions = piece(5)};
}

std::shared_ptr<const Chunk> History::chunk_of(std::uint64_t seq) const {
  const std::lock_guard lock(mutex_);
  const auto after = std::upper_bound(chunks_.begin(), chunks_.end(), seq,
                                      [](std::uint64_t s, const auto& chunk) { return s < chunk->first; });
  return after == chunks_.begin() ? nullptr : *std::prev(after);
}

std::optional<std::uint64_t> History::find(std::string_view source, std::string_view id) const {
  const auto found = names_.find({source, id});
  if (found == names_.end()) return std::nullopt;
  return found->second;
}

Chunk& History::chunk_for(std::uint64_t seq) {
  if (!chunks_.empty()) {
    Chunk& last = *chunks_.back();
    if (seq - last.first < Chunk::kRecords && chunk_bytes_ < kChunkBytes) return last;
    last.end = seq;
  }
  auto chunk = std::make_shared<Chunk>(seq);
  chunk_bytes_ = 0;
  const std::lock_guard lock(mutex_);
  return *chunks_.emplace_back(std::move(chunk));
}

std::uint64_t History::add(Record record) {
  const std::uint64_t seq = added_ + 1;
  Chunk& chunk = chunk_for(seq);
  Record& kept = chunk.records[seq - chunk.first] = std::move(record);
  names_.emplace(Name{kept.source(), kept.id()}, seq);
  bytes_ += kept.bytes();
  chunk_bytes_ += kept.bytes();
  return added_ = seq;
}

void History::publish() {
  newest_ = added_;
  while (added_ + 1 - oldest_ > capacity_ || bytes_ > bytes_limit_) drop_oldest();
}

void History::drop_oldest() {
  const std::uint64_t seq = oldest_;
  const Chunk& chunk = *chunks_.front();
  const Record& record = chunk.records[seq - chunk.first];
  names_.erase({record.source(), record.id()});
  bytes_ -= record.bytes();
  oldest_ = seq + 1;
  if (seq + 1 < chunk.end) return;
  const std::lock_guard lock(mutex_);
  chunks_.pop_front();
}

}  // namespace statecast::memory
