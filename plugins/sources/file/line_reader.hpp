// A file line by line, however large it is: of the file no more than one line and one buffer is held.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace statecast::file {

// Owned by a reader; the same thread throughout.
class LineReader {
 public:
  static constexpr std::size_t kLongest = 1024 * 1024;  // bytes of a line without its end

  // Throws Failure with the path and the reason when the file cannot be opened, or is no regular file.
  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  enum class Next { kLine, kTooLong, kEnd };

  // Goes on to the next line. Throws Failure(SC_RETRY) when the file cannot be read; then the same line comes next.
  Next next();

  std::string_view line() const { return line_; }      // without "\n" or "\r\n"; valid until next(); kLine only
  std::uint64_t number() const { return number_; }     // of the line, from 1
  std::uint64_t bytes_read() const { return at_; }     // up to the end of the line
  std::uint64_t bytes_total() const { return size_; }  // of the file when it was opened

 private:
  bool fill();
  Next finish_line();

  const std::string path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::string buffer_;   // bytes that were read from the file
  std::size_t next_ = 0;  // the first in the buffer that belongs to no line yet
  std::string line_;
  std::uint64_t line_bytes_ = 0;  // of the line so far, also where they are more than line_ holds
  std::uint64_t number_ = 0, at_ = 0;
};

}  // namespace statecast::file
