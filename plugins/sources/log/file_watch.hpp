// Whether the files of a log are still the ones that were opened. A file that is deleted, replaced or cut off goes on
// taking writes from who has it open, and nobody finds again what was written.
//
// Owned by the log's file; used by append, and by those who open readers.
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <statecast/types.hpp>
#include <string>

namespace statecast::log {

class FileWatch {
 public:
  // When the file, its journal and its lock are open.
  explicit FileWatch(const std::string& path);

  // Why the files are not those that were opened, and what to do; nothing when they are. [any]
  std::optional<Failure> fault() const;

  // The same, also when something was cut off since note(). Before a write. [append]
  std::optional<Failure> fault_of_size() const;

  // The same as fault(), and notes how large the files are. After a write. [append]
  std::optional<Failure> note();

 private:
  struct File {
    std::string path;
    ::dev_t device;
    ::ino_t inode;
    ::off_t size;
  };

  static std::optional<Failure> look(const File& file, ::off_t& size);

  std::array<File, 3> files_;
};

}  // namespace statecast::log
