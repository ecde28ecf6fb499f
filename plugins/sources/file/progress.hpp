// How far a replay has come: told to the log now and then, and in metrics.
//
// The metrics are declared by the source and shared by its readers; a Progress is owned by one reader.
#pragma once

#include <cstdint>
#include <statecast/types.hpp>
#include <string>

#include "plugins/sources/file/line_reader.hpp"

namespace statecast::file {

struct Metrics {
  explicit Metrics(const Host& host);
  const std::uint32_t events, bad_lines, progress;
};

class Progress {
 public:
  static constexpr std::int64_t kEveryNs = 10'000'000'000;  // so often it is told at most
  static constexpr std::uint64_t kBadLinesTold = 20;        // of each replay; the rest is only counted

  Progress(const Host& host, const Metrics& metrics, const std::string& path);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void on_event(const LineReader& lines);  // of the line that was read last
  void on_bad_line(std::uint64_t line, const std::string& why);
  void on_wait(std::uint64_t line, std::int64_t seconds);  // for the event of this line
  void on_polled();                                        // after each poll that took events
  void on_end();

 private:
  std::string counts() const;
  void set_share(double share);

  const Host host_;
  const Metrics& metrics_;
  const std::string path_;
  std::uint64_t events_ = 0, bad_lines_ = 0;
  std::uint64_t line_ = 0, bytes_ = 0, total_bytes_ = 0;  // as of the last event
  double share_ = 0;  // of the file that is read, 0 to 1: what this replay has added to the gauge
  std::int64_t told_ns_;
};

}  // namespace statecast::file
