#include "fake_source.hpp"

#include <statecast/detail/source_table.hpp>
#include <statecast/sequence.hpp>

namespace statecast::host::test {

// ---- Store

void Store::add(std::vector<OwnedEvent> events) {
  {
    const std::lock_guard lock(mutex_);
    for (OwnedEvent& e : events) {
      e.position = at(events_.size() + 1);
      events_.push_back(std::move(e));
    }
  }
  waiters_.notify();
}

std::uint64_t Store::newest() const {
  const std::lock_guard lock(mutex_);
  return events_.size();
}

std::vector<OwnedEvent> Store::after(std::uint64_t hi, std::size_t max) const {
  const std::lock_guard lock(mutex_);
  const auto first = events_.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(hi, events_.size()));
  return {first, first + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(max), events_.end() - first)};
}

void Store::forget_before(std::uint64_t oldest) {
  const std::lock_guard lock(mutex_);
  oldest_ = oldest;
}

std::uint64_t Store::oldest() const {
  const std::lock_guard lock(mutex_);
  return oldest_;
}

std::vector<std::size_t> Store::append_sizes() const {
  const std::lock_guard lock(mutex_);
  return append_sizes_;
}

void Store::note_append(std::size_t n) {
  const std::lock_guard lock(mutex_);
  append_sizes_.push_back(n);
  if (n == 0) probed.release();
}

std::vector<std::uint64_t> Store::acks() const {
  const std::lock_guard lock(mutex_);
  return acks_;
}

void Store::note_ack(std::uint64_t hi) {
  const std::lock_guard lock(mutex_);
  acks_.push_back(hi);
  acked.release();
}

namespace {

// True as long as there are faults to give.
bool takes_one(std::atomic<int>& faults) {
  int left = faults;
  while (left > 0)
    if (faults.compare_exchange_weak(left, left - 1)) return true;
  return false;
}

class FakeReader final : public Reader {
 public:
  FakeReader(const Host& host, Store& store, std::uint64_t read) : host_(host), store_(store), read_(read), waiter_(store.waiters()) {}

  bool poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) override {
    ++store_.polls;
    if (takes_one(store_.failing_polls)) throw Failure(SC_RETRY, "the disk is busy");
    if (!waiter_.await(host_, deadline_ns, [this] { return store_.newest() > read_; })) return false;
    if (read_ + 1 < store_.oldest()) throw gone(read_ + 1, store_.oldest());
    for (const OwnedEvent& e : store_.after(read_, max)) {
      if (e.type == "Damaged") batch.damaged(e.position, e.position, 1, "a bit fell over");
      else batch.event(e.view());
      read_ = e.position.hi;
    }
    return true;
  }
  void interrupt() override { waiter_.interrupt(); }

 private:
  const Host host_;
  Store& store_;
  std::uint64_t read_;
  Waiter waiter_;
};

class FakeSource final : public Source {
 public:
  explicit FakeSource(const Instance& instance) : host_(instance.host), store_(Store::current()) {}

  Epoch epoch() override { return {"e1", 1}; }
  Range range(std::uint32_t) override {
    if (store_.newest() < store_.oldest()) return {};
    return {position_of(store_.oldest()), position_of(store_.newest())};
  }
  std::unique_ptr<Reader> open_reader(std::span<const Position> after) override {
    if (takes_one(store_.failing_opens)) throw Failure(SC_RETRY, "the file is locked");
    return std::make_unique<FakeReader>(host_, store_, first_after(after, store_.oldest()) - 1);
  }
  void append(std::span<const Event> events, const Receipts& receipts) override {
    store_.note_append(events.size());
    if (store_.hold_appends) {
      store_.holding.release();
      store_.go_on.acquire();
    }
    if (store_.append_fails) throw Failure(SC_FAILED, "the disk is full");
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].type == "Refused") {
        receipts.refused(i, SC_REJECTED, "too large");
        continue;
      }
      store_.add({OwnedEvent::of(events[i])});
      if (events[i].type == "Twice") receipts.duplicate(i, at(store_.newest()));
      else if (events[i].type == "Behind") receipts.durable(i, at(1));
      else if (events[i].type == "Astray") receipts.durable(i, {store_.newest(), 0, 7, 0});
      else receipts.durable(i, at(store_.newest()));
    }
  }
  void ack(std::span<const Position> positions) override {
    if (store_.ack_fails) throw Failure(SC_RETRY, "the file is gone");
    store_.note_ack(positions[0].hi);
  }

 private:
  const Host host_;
  Store& store_;
};

}  // namespace

std::unique_ptr<SourceInstance> make_source(const std::string& id) {
  static const Plugin plugin = [] {
    Plugin out;
    out.kind = SC_KIND_SOURCE;
    out.id = "fake";
    out.version = "1.0.0";
    out.functions = &detail::kSourceTable<FakeSource>;
    return out;
  }();
  InstanceOptions options;
  options.id = id;
  return *SourceInstance::create(plugin, options);
}

}  // namespace statecast::host::test
