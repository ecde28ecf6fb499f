// How far a command has come, on a line of the terminal that is written over and over. Writes nothing when standard error
// is no terminal.
//
// Owned by a command. [main]
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace statecast::host {

// "[#########-----------]  45%  1,200 events"; without a fraction, when it is negative, the text alone.
std::string progress_line(double fraction, std::string_view text);

// 1234567 is "1,234,567".
std::string grouped(std::uint64_t number);

// "1 event", "2 events"
std::string counted(std::uint64_t number, std::string_view noun);

class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Shows it, unless the last time was a moment ago.
  void show(double fraction, std::string_view text);
  // Takes the line away, for what is to be written in its place.
  void clear();

 private:
  const bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace statecast::host
