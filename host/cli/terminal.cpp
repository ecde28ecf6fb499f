#include "host/cli/terminal.hpp"

#include <unistd.h>

#include "plugin-api/include/statecast/shown_text.hpp"

namespace statecast::host {

TerminalText::TerminalText(std::ostream& stream, int descriptor) : stream_(stream) {
  if (::isatty(descriptor) == 1) beneath_ = stream_.rdbuf(this);
}

TerminalText::~TerminalText() {
  if (beneath_ == nullptr) return;
  sync();
  stream_.rdbuf(beneath_);
}

// Character by character: a line is complete at its end, and no character of more than one byte is taken apart.
int TerminalText::overflow(int c) {
  if (c == traits_type::eof()) return 0;
  line_ += traits_type::to_char_type(c);
  return c == '\n' ? sync() : c;
}

int TerminalText::sync() {
  const std::string shown = escape_unseen(line_);
  line_.clear();
  beneath_->sputn(shown.data(), static_cast<std::streamsize>(shown.size()));
  return beneath_->pubsync();
}

}  // namespace statecast::host
