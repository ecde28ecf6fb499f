// The time that a server's processes had on a core: all threads of the process, and of its children.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace statecast::bench {

class ServerTime {
 public:
  // Throws when there is no such process. Children that it starts later are not seen, nor are threads that end.
  explicit ServerTime(::pid_t process);

  // Nanoseconds, once they do not change any more: a thread that still runs is only accounted for at the next tick. Waits
  // 50 ms at most.
  std::uint64_t settled() const;

 private:
  std::uint64_t sum() const;

  std::vector<std::string> processes_;  // their folders in /proc
};

}  // namespace statecast::bench
