// Drives a Source and its readers through their C table.
#pragma once

#include <chrono>

#include "../detail/source_table.hpp"
#include "instance.hpp"
#include "owned_event.hpp"

namespace statecast::testkit {

template <class Plugin>
const sc_source& source_table() {
  return detail::kSourceTable<Plugin>;
}

struct Receipt {
  std::size_t i = 0;
  sc_status status = SC_OK;
  Position position{};  // all zero when none was given
  bool duplicate = false;
  std::string why;
  bool operator==(const Receipt&) const = default;
};

// What one append came to; receipts in the order in which they were given.
struct Appended {
  Outcome outcome;
  std::vector<Receipt> receipts;
};

// Events that a poll told as damaged.
struct Damage {
  Position first{}, last{};
  std::uint64_t events = 0;
  std::string why;
  bool operator==(const Damage&) const = default;
};

// What one poll came to.
struct Polled {
  Outcome outcome;
  std::vector<OwnedEvent> events;
  std::vector<Damage> damaged;
};

// One reader of a SourceKit, which outlives it. One thread at a time, but interrupt() from any.
class ReaderKit {
 public:
  ReaderKit(const sc_source& table, void* self, const FakeHost& host, const std::vector<Position>& after)
      : table_(table), host_(host) {
    Collected err;
    const sc_status status = table_.reader_open(self, after.data(), after.size(), &reader_, err.abi());
    opened_ = {status, err.text};
  }
  ~ReaderKit() {
    if (reader_ != nullptr) table_.reader_close(reader_);
  }
  ReaderKit(const ReaderKit&) = delete;
  ReaderKit& operator=(const ReaderKit&) = delete;

  const Outcome& opened() const { return opened_; }

  // Waits for the first event at most so long.
  Polled poll(std::size_t max, std::chrono::milliseconds wait) {
    Polled polled;
    const sc_batch batch = {
        sizeof(sc_batch), &polled,
        [](void* ctx, const sc_event* event) {
          static_cast<Polled*>(ctx)->events.push_back(OwnedEvent::of(detail::from_abi(*event)));
        },
        [](void* ctx, const sc_pos* first, const sc_pos* last, std::uint64_t events, sc_str why) {
          static_cast<Polled*>(ctx)->damaged.push_back({*first, *last, events, std::string(view(why))});
        }};
    const std::int64_t deadline_ns = host_.clock.mono_ns() + std::chrono::nanoseconds(wait).count();
    Collected err;
    const sc_status status = table_.poll(reader_, max, deadline_ns, &batch, err.abi());
    polled.outcome = {status, err.text};
    return polled;
  }

  void interrupt() { table_.interrupt(reader_); }

 private:
  const sc_source& table_;
  const FakeHost& host_;
  void* reader_ = nullptr;
  Outcome opened_;
};

class SourceKit : public PluginInstance<sc_source> {
 public:
  using PluginInstance::PluginInstance;

  bool appends() const { return table().append != nullptr; }

  // Events without an id are numbered.
  Appended append(std::vector<OwnedEvent> events) {
    const EventArray array(std::move(events), count_, false);
    Appended appended;
    const sc_receipts receipts = {sizeof(sc_receipts), &appended.receipts, on_receipt};
    Collected err;
    const sc_status status = table().append(self(), array.data(), array.size(), &receipts, err.abi());
    appended.outcome = {status, err.text};
    return appended;
  }

  // Asks whether it could take events, as the host does after a failure.
  Outcome probe() { return append({}).outcome; }

  // Without positions: from the start of every partition.
  ReaderKit open_reader(const std::vector<Position>& after) { return ReaderKit(table(), self(), host(), after); }
  ReaderKit open_reader() {
    std::vector<Position> start(epoch().partitions);
    for (std::uint32_t i = 0; i < start.size(); ++i) start[i].partition = i;
    return open_reader(start);
  }

  Source::Epoch epoch() {
    Collected id;
    Source::Epoch epoch;
    const sc_status status = table().epoch(self(), id.abi(), &epoch.partitions);
    if (status != SC_OK) throw Failure(status, "see the fake host's log");
    epoch.id = std::move(id.text);
    return epoch;
  }

  Source::Range range(std::uint32_t partition = 0) {
    Source::Range range;
    const sc_status status = table().range(self(), partition, &range.oldest, &range.newest);
    if (status != SC_OK) throw Failure(status, "see the fake host's log");
    return range;
  }

  Outcome ack(const std::vector<Position>& positions) {
    if (table().ack == nullptr) return {};
    Collected err;
    const sc_status status = table().ack(self(), positions.data(), positions.size(), err.abi());
    return {status, err.text};
  }

 private:
  static void on_receipt(void* ctx, std::size_t i, sc_status status, const sc_pos* pos, std::uint32_t duplicate,
                         sc_str why) {
    static_cast<std::vector<Receipt>*>(ctx)->push_back(
        {i, status, pos != nullptr ? *pos : Position{}, duplicate != 0, std::string(view(why))});
  }

  std::uint64_t count_ = 0;
};

}  // namespace statecast::testkit
