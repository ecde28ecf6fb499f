// The lines about sessions that come and go: so many a second, and of the rest only how many there are, so that a crowd
// neither costs a line each nor drives other lines out of the log. At level debug each of them has its line.
//
// Owned by Streams. [shard]
#pragma once

#include <string>

#include "host/ops/log.hpp"
#include "host/serving/session.hpp"

namespace statecast::host {

class SessionLog {
 public:
  static constexpr std::size_t kLinesASecond = 100;

  ~SessionLog() { tell_left_out(); }

  // `text()` is asked for the line only if it is written.
  template <class Text>
  void write(const std::string& transport, Tenths now, Text&& text) {
    if (!log::enabled(log::Level::kInfo)) return;
    end_second(now);
    if (lines_ < kLinesASecond) {
      ++lines_;
      return log::info(transport, text());
    }
    if (log::enabled(log::Level::kDebug)) return log::debug(transport, text());
    ++left_out_;
  }

  // Says how many were left out in the second before, if it is over.
  void end_second(Tenths now) {
    if (now - began_ < kSecond) return;
    tell_left_out();
    began_ = now;
    lines_ = 0;
  }

 private:
  static constexpr Tenths kSecond = 10;

  void tell_left_out() {
    if (left_out_ != 0)
      log::info("server", std::to_string(left_out_) + " more lines about sessions were left out within a second: server.log.level debug has them");
    left_out_ = 0;
  }

  Tenths began_ = 0;  // of the second that is counted
  std::size_t lines_ = 0, left_out_ = 0;
};

}  // namespace statecast::host
