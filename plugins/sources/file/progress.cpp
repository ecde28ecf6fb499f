#include "plugins/sources/file/progress.hpp"

#include <algorithm>

namespace statecast::file {

Metrics::Metrics(const Host& host)
    : events(host.counter("recording_events", "Events replayed from the recording")),
      bad_lines(host.counter("recording_bad_lines", "Lines of the recording that are no events and were left out")),
      progress(host.gauge("recording_progress", "How much of the recording was replayed, 0 to 1", "ratio")) {}

Progress::Progress(const Host& host, const Metrics& metrics, const std::string& path)
    : host_(host), metrics_(metrics), path_(path), told_ns_(host.mono_ns()) {}

// Another replay begins at nothing.
Progress::~Progress() { set_share(0); }

void Progress::on_event(const LineReader& lines) {
  ++events_;
  line_ = lines.number();
  bytes_ = lines.bytes_read();
  total_bytes_ = lines.bytes_total();
  host_.add(metrics_.events, 1);
}

void Progress::on_bad_line(std::uint64_t line, const std::string& why) {
  ++bad_lines_;
  host_.add(metrics_.bad_lines, 1);
  if (bad_lines_ > kBadLinesTold) return;
  host_.error(path_ + ":" + std::to_string(line) + ": left out: " + why);
  if (bad_lines_ == kBadLinesTold) host_.error(path_ + ": further bad lines are counted, and told of at the end");
}

void Progress::on_wait(std::uint64_t line, std::int64_t seconds) {
  host_.info(path_ + ":" + std::to_string(line) + ": the next event was recorded later: it comes in " +
             std::to_string(seconds) + " s");
}

void Progress::on_polled() {
  // A file that has grown since it was opened is replayed to its new end.
  set_share(static_cast<double>(bytes_) / static_cast<double>(std::max(bytes_, total_bytes_)));
  const std::int64_t now_ns = host_.mono_ns();
  if (now_ns - told_ns_ < kEveryNs) return;
  told_ns_ = now_ns;
  host_.info(path_ + ": " + std::to_string(static_cast<int>(share_ * 100)) + " % of " + std::to_string(total_bytes_) +
             " bytes replayed, to line " + std::to_string(line_) + ": " + counts());
}

void Progress::on_end() {
  set_share(1);
  const std::string text = path_ + ": replayed to the end: " + counts();
  if (bad_lines_ == 0) return host_.info(text);
  host_.warning(text);
}

std::string Progress::counts() const {
  return std::to_string(events_) + " events, " + std::to_string(bad_lines_) + " bad lines left out";
}

void Progress::set_share(double share) {
  host_.add(metrics_.progress, share - share_);
  share_ = share;
}

}  // namespace statecast::file
