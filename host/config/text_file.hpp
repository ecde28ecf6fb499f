// Reads whole text files that are named in a configuration, and that may be anything.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>

namespace statecast::host {

struct TextFile {
  enum class Fault { none, missing, not_regular, too_large, unreadable };
  Fault fault = Fault::none;
  std::error_code error;  // why it is unreadable
  std::string text;
};

// Takes regular files of at most `limit` bytes; waits for nobody, not even at the end of a pipe.
TextFile read_text_file(const std::filesystem::path& path, std::size_t limit);

}  // namespace statecast::host
