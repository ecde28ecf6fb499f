// The values that must never be shown: those that came from the environment, a file or a credential, and access tokens.
//
// Gathered while a configuration is read; read-only afterwards. [any]
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace statecast::host {

struct Secret {
  std::string value;
  std::string shown;  // what stands in its place: "<!env PASSWORD>"
};

// A shorter value can't be told from the words around it, so free text is not searched for it.
inline constexpr std::size_t kShortestHidden = 8;

// The text with `shown` for every occurrence of `value`.
std::string replaced(std::string text, std::string_view value, std::string_view shown);

// The text without any secret of at least kShortestHidden bytes.
std::string hidden(std::string text, const std::vector<Secret>& secrets);

}  // namespace statecast::host
