// How far a log has come, beside its file: the number of the newest event of which somebody was told that it is durable. A file
// that was restored from a backup, or whose journal was damaged, ends before that; without the mark nobody would notice, and
// numbers would be given twice.
//
// Each mark is written after the events that it speaks of are durable, and is itself not waited for: it may be behind after a
// power cut, never ahead. Owned by the log's file. [append]
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace statecast::log {

class NewestMark {
 public:
  struct Mark {
    std::string epoch;
    std::uint64_t newest = 0;
  };

  // Nothing: there is none yet, or it cannot be read.
  static std::optional<Mark> read(const std::string& log_path);

  explicit NewestMark(const std::string& log_path);
  ~NewestMark();
  NewestMark(const NewestMark&) = delete;
  NewestMark& operator=(const NewestMark&) = delete;

  void write(const Mark& mark);

 private:
  int fd_;  // -1 = it cannot be written
};

}  // namespace statecast::log
