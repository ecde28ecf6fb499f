#include "host/streaming/source_pages.hpp"

#include <pthread.h>

#include <algorithm>

#include "host/ops/turn_guard.hpp"
#include "host/streaming/cloud_event_line.hpp"

namespace statecast::host {

namespace {

// After the first events of a page only those are waited for that are all but there.
constexpr std::chrono::milliseconds kForMore{20};

// Takes the events of a poll into a page: those beyond `until` are left for nobody.
struct Collector {
  SourcePages::Page& page;
  const std::vector<Position>& until;
  std::size_t seen = 0;

  void add(const sc_event& event) {
    ++seen;
    const auto partition = event.pos.partition;
    if (partition >= page.at.size() || (!until.empty() && until[partition] < event.pos)) return;
    page.lines.append(cloud_event_line(event)).append(1, '\n');
    page.at[partition] = event.pos;
    ++page.events;
  }

  void pass(const sc_pos& place) {
    ++seen;
    if (!until.empty() && until[place.partition] < place) return;
    page.at[place.partition] = place;
  }
};

}  // namespace

std::vector<Position> SourcePages::edge(const SourceInstance& source, bool newest) {
  std::vector<Position> positions(source.partitions());
  for (std::uint32_t i = 0; i < positions.size(); ++i) {
    Position first{}, last{};
    source.table().range(source.self(), i, &first, &last);
    positions[i] = newest ? last : first;
    positions[i].partition = i;
  }
  return positions;
}

bool SourcePages::reached(const std::vector<Position>& at, const std::vector<Position>& until) {
  return !until.empty() && std::ranges::equal(at, until, [](const Position& a, const Position& u) { return !(a < u); });
}

bool SourcePages::read(Wanted wanted, Take take) {
  const std::lock_guard lock(mutex_);
  const auto slot = std::ranges::find(slots_, false, &Slot::busy);
  if (stopping_ || slot == slots_.end()) return false;
  if (slot->thread.joinable()) slot->thread.join();  // it has ended but for its last instructions
  slot->thread = std::thread([this, slot, wanted = std::move(wanted), take = std::move(take)] { run(*slot, wanted, take); });
  slot->busy = true;
  return true;
}

bool SourcePages::stop(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  for (Slot& slot : slots_)
    if (slot.reader != nullptr) slot.reader->interrupt();
  const auto all_idle = [this] { return std::ranges::none_of(slots_, &Slot::busy); };
  if (deadline == deadline.max()) idle_.wait(lock, all_idle);
  else if (!idle_.wait_until(lock, deadline, all_idle)) return false;
  for (Slot& slot : slots_)
    if (slot.thread.joinable()) slot.thread.join();
  return true;
}

bool SourcePages::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void SourcePages::run(Slot& slot, const Wanted& wanted, const Take& take) {
  ::pthread_setname_np(::pthread_self(), ("page " + wanted.source->id()).substr(0, 15).c_str());
  SourceReader reader(*wanted.source);
  {
    const std::lock_guard lock(mutex_);
    slot.reader = &reader;
  }
  TurnGuard turns(ThreadRole::kSource, wanted.source->id());
  Page page;
  if (!turns([&] { page = read_page(reader, wanted); })) {
    page = {};
    page.status = SC_FAILED;
    page.why = turns.error();
  }
  {
    const std::lock_guard lock(mutex_);
    slot.reader = nullptr;
  }
  reader.close();
  turns([&] { take(std::move(page)); });
  const std::lock_guard lock(mutex_);
  slot.busy = false;
  idle_.notify_all();
}

SourcePages::Page SourcePages::read_page(SourceReader& reader, const Wanted& wanted) {
  Page page;
  page.at = wanted.after;
  page.status = reader.open(wanted.after);
  auto wait = wanted.wait;
  while (page.status == SC_OK && page.events < wanted.events && page.lines.size() < kPageBytes &&
         !reached(page.at, wanted.until) && !stopping()) {
    page.status = poll(reader, wanted, page, wait);
    wait = kForMore;
  }
  if (page.status == SC_TIMEOUT) page.status = SC_OK;
  if (page.status != SC_OK) page.why = reader.error();
  // What was read counts; who asks for the next page meets the fault again, if it lasts.
  if (page.events != 0) page.status = SC_OK;
  return page;
}

sc_status SourcePages::poll(SourceReader& reader, const Wanted& wanted, Page& page, std::chrono::milliseconds wait) {
  Collector collector{page, wanted.until};
  const auto deadline = clock_.mono_ns() + std::chrono::nanoseconds(wait).count();
  const sc_status status = reader.poll(std::min(kEventsAPoll, wanted.events - page.events), deadline, collector);
  return status == SC_OK && collector.seen == 0 ? SC_TIMEOUT : status;
}

}  // namespace statecast::host
