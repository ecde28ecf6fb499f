// Looks into the file of a log without changing it, beside the process that writes it or without one.
#pragma once

#include <cstdint>
#include <map>
#include <statecast/types.hpp>
#include <string>

#include "plugins/sources/log/passage.hpp"

namespace statecast::log {

// Owned by a command, one thread. What takes long is done piece by piece, each in a short transaction of its own: a
// long one would keep the writer from reusing its journal.
class Inspection {
 public:
  static constexpr std::uint64_t kPiece = 1000;  // events

  // Throws Failure with the path, what is wrong, and what to do. So does everything else here.
  explicit Inspection(const std::string& path);

  const std::string& path() const { return path_; }

  struct Facts {
    std::string epoch;
    std::int64_t schema = 0;
    std::uint64_t oldest = 0, newest = 0;  // numbers; 0 = no event
    std::int64_t oldest_us = 0, newest_us = 0;  // the events' own times
    std::uint64_t file_bytes = 0, used_bytes = 0, free_bytes = 0, journal_bytes = 0;
  };
  Facts facts();

  // How many events of each type are among the first kPiece from number `first` on, at most up to `last`.
  std::map<std::string, std::uint64_t> types(std::uint64_t first, std::uint64_t last);

  // Visits the same events, and returns the number to go on with: one beyond `last` at the end. Some may be missing that
  // retention has taken away meanwhile.
  std::uint64_t read(std::uint64_t first, std::uint64_t last, Visitor& visitor);

 private:
  friend class Verification;

  std::uint64_t file_size(const char* suffix) const;
  template <class Work>
  auto guarded(Work&& work);

  const std::string path_;
  Database db_;
};

}  // namespace statecast::log
