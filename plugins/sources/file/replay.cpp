#include "plugins/sources/file/replay.hpp"

#include <algorithm>
#include <limits>
#include <statecast/sequence.hpp>

namespace statecast::file {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLongWaitNs = 60'000'000'000;  // one that is told of
constexpr std::size_t kBytesAPoll = 4 * 1024 * 1024;  // of lines; then the host has its turn
constexpr int kLinesAPoll = 10'000;                   // that yield no event; the same

}  // namespace

Replay::Replay(const Host& host, const Settings& settings, std::uint64_t first, const Metrics& metrics,
               Waiters& waiters)
    : host_(host),
      pace_(settings.pace),
      first_(first),
      waiter_(waiters),
      lines_(settings.path),
      progress_(host, metrics, settings.path) {}

bool Replay::poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) {
  const std::uint64_t before = lines_.bytes_read();
  if (!await_next(deadline_ns)) return false;
  yield(batch);
  for (std::size_t n = 1; n < max && lines_.bytes_read() - before < kBytesAPoll && next_is_due(); ++n) yield(batch);
  progress_.on_polled();
  return true;
}

// Reads on until there is an event, and waits for its time.
bool Replay::await_next(std::int64_t deadline_ns) {
  for (int lines = 0; lines < kLinesAPoll; ++lines) {
    const std::int64_t ready_ns = next_ ? due_ns() : ended_ ? kNever : deadline_ns;
    if (next_) announce_wait(ready_ns);
    const auto is_ready = [&] { return next_ ? host_.mono_ns() >= ready_ns : !ended_; };
    if (!waiter_.await(host_, std::min(deadline_ns, ready_ns), is_ready)) return false;
    if (next_) return true;
    read_line();
  }
  return false;
}

void Replay::announce_wait(std::int64_t due_ns) {
  const std::int64_t wait_ns = due_ns - host_.mono_ns();
  if (wait_ns < kLongWaitNs || announced_line_ == lines_.number()) return;
  announced_line_ = lines_.number();
  progress_.on_wait(announced_line_, wait_ns / 1'000'000'000);
}

void Replay::read_line() {
  switch (lines_.next()) {
    case LineReader::Next::kLine:
      return accept(lines_.line());
    case LineReader::Next::kTooLong:
      return on_bad_line("it is longer than 1 MiB");
    case LineReader::Next::kEnd:
      ended_ = true;
      return progress_.on_end();
  }
}

void Replay::accept(std::string_view line) {
  if (line.find_first_not_of(" \t") == line.npos) return;
  try {
    next_ = RecordedEvent::read(line, host_.now_us());
  } catch (const BadLine& bad) {
    return on_bad_line(bad.what());
  }
  if (++number_ < first_) return next_.reset();
  if (number_ > first_) return;
  first_ns_ = host_.mono_ns();
  first_us_ = next_->time_us;
}

// One before the first event was told of by the replay that yielded what came then.
void Replay::on_bad_line(const std::string& why) {
  if (number_ + 1 >= first_) progress_.on_bad_line(lines_.number(), why);
}

// What fails here fails again in the next poll, where there is nothing to yield first.
bool Replay::next_is_due() {
  try {
    if (!next_ && !ended_) read_line();
  } catch (const Failure&) {
    return false;
  }
  return next_ && host_.mono_ns() >= due_ns();
}

std::int64_t Replay::due_ns() const {
  if (pace_ == 0) return first_ns_;
  const double ns = static_cast<double>(next_->time_us - first_us_) * 1000 / pace_;
  return first_ns_ + static_cast<std::int64_t>(std::clamp(ns, 0.0, 4e18));
}

void Replay::yield(const Batch& batch) {
  batch.event({.position = position_of(number_),
               .time_us = next_->time_us,
               .id = next_->id,
               .source = next_->source,
               .type = next_->type,
               .subject = next_->subject,
               .data = next_->data,
               .extensions = next_->extensions});
  next_.reset();
  progress_.on_event(lines_);
}

}  // namespace statecast::file
