// Where a command writes what it is for: whole lines, at once, to a descriptor. A reader that has gone ends the command
// quietly; anything else that goes wrong is an error.
//
// Owned by a command. [main]
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>

#include "host/cli/client/client_loop.hpp"
#include "host/result.hpp"

namespace statecast::host {

class Output {
 public:
  Output(client::ClientLoop& loop, int descriptor, std::string name) : loop_(loop), descriptor_(descriptor), name_(std::move(name)), terminal_(::isatty(descriptor) == 1) {}

  // False when it cannot be written, or the command is to end while the reader does not read.
  bool write(std::string_view line);
  // Why not, if it was an error.
  const std::optional<Error>& error() const { return error_; }

 private:
  client::ClientLoop& loop_;
  const int descriptor_;
  const std::string name_;
  const bool terminal_;
  std::optional<Error> error_;
};

// "statecast: what\n  = fix: ...", on standard error.
void print_error(const Error& error);
// "statecast: text", on standard error.
void print_notice(const std::string& text);

// Raw line ends, which JSON has between its tokens only, as spaces: one message is one line.
std::string on_one_line(std::string_view json);

}  // namespace statecast::host
