// The words of diagnostics: their length, lists, and the word that was probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace statecast::host {

// How many characters a UTF-8 text has.
int characters(std::string_view utf8);

// "a, b, c"
std::string joined(const std::vector<std::string>& words);

// "did you mean 'refresh'?" for the candidate that is a slip or two away, else empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace statecast::host
