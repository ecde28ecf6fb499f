// What a standard stream prints on a terminal: a terminal obeys bytes that names from outside may have.
#pragma once

#include <ostream>
#include <streambuf>
#include <string>

namespace statecast::host {

// While it lives, each line of the stream goes out with escapes for what a terminal would obey. It does nothing where `descriptor`,
// to which the stream writes, is no terminal.
class TerminalText final : public std::streambuf {
 public:
  TerminalText(std::ostream& stream, int descriptor);
  ~TerminalText() override;
  TerminalText(const TerminalText&) = delete;
  TerminalText& operator=(const TerminalText&) = delete;

 private:
  int overflow(int c) override;
  int sync() override;

  std::ostream& stream_;
  std::streambuf* beneath_ = nullptr;  // null = no terminal
  std::string line_;
};

}  // namespace statecast::host
