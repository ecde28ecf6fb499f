#include "host/config/secrets.hpp"

namespace statecast::host {

std::string replaced(std::string text, std::string_view value, std::string_view shown) {
  if (value.empty()) return text;
  for (std::size_t at = text.find(value); at != std::string::npos; at = text.find(value, at + shown.size()))
    text.replace(at, value.size(), shown);
  return text;
}

std::string hidden(std::string text, const std::vector<Secret>& secrets) {
  for (const Secret& secret : secrets)
    if (secret.value.size() >= kShortestHidden) text = replaced(std::move(text), secret.value, secret.shown);
  return text;
}

}  // namespace statecast::host
