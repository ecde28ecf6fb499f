#include "plugins/sources/memory/memory_source.hpp"

#include <nlohmann/json.hpp>
#include <statecast/sequence.hpp>

namespace statecast::memory {

namespace {

// A place in the history. It shares a chunk only while it yields from it.
class MemoryReader final : public Reader {
 public:
  MemoryReader(const Host& host, const History& history, Waiters& waiters, std::uint64_t next)
      : host_(host), history_(history), waiter_(waiters), next_(next) {}

  bool poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) override {
    if (!waiter_.await(host_, deadline_ns, [this] { return history_.newest() >= next_; })) return false;
    // One chunk a poll: what follows may be gone by the time that it is yielded, and that is the next poll's to say.
    const auto chunk = held_chunk();
    const std::uint64_t held = std::min<std::uint64_t>(history_.newest() + 1, chunk->end) - next_;
    for (const std::uint64_t end = next_ + std::min<std::uint64_t>(max, held); next_ < end; ++next_)
      batch.event(chunk->records[next_ - chunk->first].event(next_));
    return true;
  }

  void interrupt() override { waiter_.interrupt(); }

 private:
  // The chunk that next_ is in.
  std::shared_ptr<const Chunk> held_chunk() {
    auto chunk = chunk_.lock();
    if (!chunk || next_ >= chunk->end) chunk_ = chunk = history_.chunk_of(next_);
    if (!chunk || next_ < history_.oldest()) throw gone(next_, history_.oldest());
    return chunk;
  }

  const Host host_;
  const History& history_;
  Waiter waiter_;
  std::uint64_t next_;
  std::weak_ptr<const Chunk> chunk_;  // weak: a reader that rests holds no memory
};

}  // namespace

MemorySource::Settings::Settings(std::string_view json) {
  const auto settings = nlohmann::json::parse(json);
  capacity = settings.value("capacity", std::uint64_t{1'000'000});
  bytes = settings.value("bytes", std::uint64_t{256} << 20);
}

MemorySource::MemorySource(const Instance& instance)
    : host_(instance.host),
      settings_(instance.settings),
      epoch_(new_epoch()),
      history_(settings_.capacity, settings_.bytes) {}

Source::Range MemorySource::range(std::uint32_t) {
  const std::uint64_t oldest = history_.oldest();  // first: newest is never behind an oldest that was seen before it
  const std::uint64_t newest = history_.newest();
  if (newest == 0) return {};
  return {position_of(oldest), position_of(newest)};
}

std::unique_ptr<Reader> MemorySource::open_reader(std::span<const Position> after) {
  return std::make_unique<MemoryReader>(host_, history_, waiters_, first_after(after, history_.oldest()));
}

void MemorySource::append(std::span<const Event> events, const Receipts& receipts) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    if (const auto seq = history_.find(event.source, event.id)) {
      receipts.duplicate(i, position_of(*seq));
      continue;
    }
    Record record(event);
    if (record.bytes() > settings_.bytes) {
      receipts.refused(i, SC_REJECTED,
                       "the event takes " + std::to_string(record.bytes()) +
                           " bytes, more than this source holds (bytes: " + std::to_string(settings_.bytes) + ")");
      continue;
    }
    receipts.durable(i, position_of(history_.add(std::move(record))));
  }
  history_.publish();
  waiters_.notify();
}

}  // namespace statecast::memory
