#include "plugins/sources/log/retention.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace statecast::log {

namespace {

constexpr std::int64_t kShortestUs = 1'000'000, kLongestUs = 60 * kShortestUs;
constexpr std::int64_t kTellEveryNs = 60'000'000'000;

// Fine enough for what is kept, and no more than one a second.
std::int64_t mark_every(const Keep& keep) {
  return keep.age_us == 0 ? kLongestUs : std::clamp(keep.age_us / 20, kShortestUs, kLongestUs);
}

}  // namespace

Retention::Retention(const Host& host, std::string path, const Keep& keep, Database& db, Names& names, Extent& extent)
    : host_(host),
      path_(std::move(path)),
      keep_(keep),
      mark_every_us_(mark_every(keep)),
      db_(db),
      names_(names),
      extent_(extent),
      clock_(host, path_, db, keep.age_us),
      delete_(db, "DELETE FROM events WHERE seq < ?"),
      mark_(db, "INSERT OR REPLACE INTO marks (seq, stored_us) VALUES (?, ?)"),
      forget_marks_(db, "DELETE FROM marks WHERE seq < ?"),
      marked_(db, "SELECT max(seq) FROM marks WHERE stored_us <= ?"),
      // Deleted events leave pages behind that the next ones fill.
      pages_(db,
             "SELECT (SELECT page_count FROM pragma_page_count) - (SELECT freelist_count FROM pragma_freelist_count)"),
      page_bytes_(static_cast<std::uint64_t>(db.integer("PRAGMA page_size"))),
      deleted_(host.counter("deleted_events", "Events that retention took away.")),
      used_gauge_(host.gauge("used", "What the events take of the log's file.", "bytes")),
      held_gauge_(host.gauge("held_back_events", "Events that retention would take away, had all states saved them.")),
      marked_seq_(static_cast<std::uint64_t>(db.integer("SELECT max(seq) FROM marks"))),
      marked_us_(db.integer("SELECT stored_us FROM marks ORDER BY seq DESC LIMIT 1")) {
  measure();
}

bool Retention::on_append(std::size_t events, std::size_t bytes) {
  appended_ += events;
  appended_bytes_ += bytes;
  if (appended_ < kEventsAStep && appended_bytes_ < kBytesAStep &&
      host_.mono_ns() - stepped_ns_ < mark_every_us_ * 1000)
    return false;
  step(2 * std::max(appended_, kIdleEvents));
  return true;
}

// Space is made twice as fast as it is taken. A fault here is no reason to refuse events: the next step may work.
void Retention::step(std::uint64_t most) {
  const std::uint64_t oldest = extent_.oldest, newest = extent_.newest;
  appended_ = appended_bytes_ = 0;
  stepped_ns_ = host_.mono_ns();
  now_us_ = clock_.look();
  if (newest == 0) return;
  const auto marked = std::pair(marked_seq_, marked_us_);
  try {
    measure();
    const Bounds by = bounds();
    const std::uint64_t stays = std::min(std::max(std::min(by.wanted, saved_ + 1), by.forced), newest);
    show(held_gauge_, held_shown_, by.wanted > stays ? static_cast<double>(std::min(by.wanted, newest) - stays) : 0);
    const std::uint64_t at_once = std::clamp<std::uint64_t>(kBytesAtOnce / average(), 1, most);
    const std::uint64_t until = std::min(stays, oldest + at_once);
    if (!is_mark_due() && !clock_.is_save_due() && until <= oldest) return;
    // Readers that open from here on begin after what is about to go.
    if (until > oldest) extent_.oldest = until;
    Transaction transaction(db_);
    if (is_mark_due()) mark();
    clock_.save();
    if (until > oldest) take_away(until);
    transaction.commit();
    if (until > oldest) host_.add(deleted_, static_cast<double>(until - oldest));
    if (until > std::max(oldest, saved_ + 1)) unsaved_ += until - std::max(oldest, saved_ + 1);
    tell_unsaved();
  } catch (const SqlError& error) {
    extent_.oldest = oldest;
    std::tie(marked_seq_, marked_us_) = marked;
    on_fault(error);
  }
}

void Retention::measure() {
  Rows rows = pages_.run();
  if (rows.next()) used_ = static_cast<std::uint64_t>(rows.integer(0)) * page_bytes_;
  show(used_gauge_, used_shown_, static_cast<double>(used_));
}

Retention::Bounds Retention::bounds() {
  return {std::max(stored_before(keep_.age_us), beyond(keep_.bytes)),
          std::max(stored_before(2 * keep_.age_us), beyond(2 * keep_.bytes))};
}

// The events below this number are older.
std::uint64_t Retention::stored_before(std::int64_t age_us) {
  if (age_us == 0) return 0;
  Rows rows = marked_.run(now_us_ - age_us);
  return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

// Without the events below this number the others take about so many bytes.
std::uint64_t Retention::beyond(std::uint64_t bytes) const {
  if (bytes == 0 || used_ <= bytes) return 0;
  return extent_.oldest + (used_ - bytes) / average() + 1;
}

std::uint64_t Retention::average() const {
  return std::max<std::uint64_t>(used_ / (extent_.newest - extent_.oldest + 1), 1);
}

bool Retention::is_mark_due() const {
  return extent_.newest >= marked_seq_ && now_us_ - marked_us_ >= mark_every_us_;
}

void Retention::mark() {
  const std::uint64_t next = extent_.newest + 1;
  mark_.run(next, now_us_).next();
  marked_seq_ = next;
  marked_us_ = now_us_;
}

void Retention::take_away(std::uint64_t oldest) {
  names_.remove(0, oldest - 1);
  delete_.run(oldest).next();
  forget_marks_.run(oldest).next();
}

void Retention::tell_unsaved() {
  if (unsaved_ == 0 || (told_ns_ != 0 && host_.mono_ns() - told_ns_ < kTellEveryNs)) return;
  told_ns_ = host_.mono_ns();
  host_.warning(path_ + ": " + std::to_string(unsaved_) +
                " events that not every state has saved were taken away: the log is beyond twice its `retention`. A "
                "state that lags or hangs lacks them after a restart: see statecast_lag_events, or raise `retention`");
  unsaved_ = 0;
}

void Retention::on_fault(const SqlError& error) {
  if (fault_told_ns_ != 0 && host_.mono_ns() - fault_told_ns_ < kTellEveryNs) return;
  fault_told_ns_ = host_.mono_ns();
  host_.warning(path_ + ": old events cannot be taken away (" + error.what() + "); trying again");
}

void Retention::show(std::uint32_t gauge, double& shown, double value) {
  host_.add(gauge, value - shown);
  shown = value;
}

}  // namespace statecast::log
