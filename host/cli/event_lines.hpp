// Events as lines of JSON, from a file, a pipe, or one that the command line made: cut into batches of what one request may
// carry, each with the numbers of its lines, so that what a host says of an event finds its way back to file and line.
//
// Owned by the publish command. [main]
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/cli/client/client_loop.hpp"
#include "host/result.hpp"

namespace statecast::host {

struct EventLine {
  std::size_t number = 0;
  std::string text;       // with an id
  bool id_given = false;  // by the line itself
};

// Gives a short-form line without an id one of its own, so that sending it twice stores it once. The error says what is
// wrong with the line, and not where it is.
Result<EventLine> event_line(std::size_t number, std::string text, const std::string& run);

class EventLines {
 public:
  static constexpr std::size_t kEventsABatch = 500, kBytesABatch = 512 * 1024, kLineAtMost = 16 * 1024 * 1024;

  // Reads from a descriptor, which stays open. `name` is what messages call it. Lines before `from` are passed over.
  EventLines(client::ClientLoop& loop, int descriptor, std::string name, std::size_t from = 1);

  // The next batch, in order: full, or all that has come when a pipe has no more just now. Empty at the end, and when the
  // command is to end. An error names the line that is wrong; what stands before it came first, and no more comes.
  Result<std::vector<EventLine>> next();

  // "events.ndjson:17"
  std::string place(std::size_t line) const { return name_ + ":" + std::to_string(line); }
  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  enum class Taken { kLine, kNothingYet, kEnd };
  Result<std::vector<EventLine>> after_batch(std::vector<EventLine> batch, Error error);
  Result<Taken> take_line(std::string& line);
  Result<bool> fill();  // false at the end
  bool more_is_there() const;

  client::ClientLoop& loop_;
  const int descriptor_;
  const std::string name_, run_;
  const std::size_t from_;
  std::string buffer_;       // what was read; lines are taken from at_ on
  std::size_t at_ = 0, lines_ = 0;
  std::uint64_t bytes_read_ = 0;
  bool end_ = false;
  std::optional<Error> wrong_;
};

// What to do about a wrong line.
std::string go_on_from(std::size_t line);

// Random, for ids: 16 hexadecimal digits.
std::string random_tag();

}  // namespace statecast::host
