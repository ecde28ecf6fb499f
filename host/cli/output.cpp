#include "host/cli/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <system_error>

#include "plugin-api/include/statecast/shown_text.hpp"

namespace statecast::host {

bool Output::write(std::string_view line) {
  // A terminal obeys more than JSON escapes; a file or a pipe gets each byte as it is.
  const std::string shown = terminal_ ? escape_unseen(line) : std::string();
  std::string_view text = terminal_ ? shown : line;
  while (!text.empty()) {
    const ::ssize_t n = ::write(descriptor_, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (errno == EINTR) {
      loop_.look_around();
      if (loop_.ended()) return false;
      continue;
    }
    if (errno != EPIPE)
      error_ = Error{"cannot write " + name_ + ": " + std::generic_category().message(errno), "see that there is space and that you may write there"};
    return false;
  }
  return true;
}

void print_error(const Error& error) { std::cerr << "statecast: " << escape_unseen(error.text()) << std::endl; }
void print_notice(const std::string& text) { std::cerr << "statecast: " << escape_unseen(text) << std::endl; }

std::string on_one_line(std::string_view json) {
  std::string out(json);
  std::ranges::replace_if(out, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return out;
}

}  // namespace statecast::host
