// A list of strings in the ABI's form, made for one call.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "../types.hpp"

namespace statecast::detail {

// Few strings, as a change's topics are, cost no allocation.
class Strings {
 public:
  explicit Strings(std::span<const std::string_view> strings) : size_(strings.size()) {
    if (size_ > few_.size()) many_.resize(size_);
    sc_str* out = size_ > few_.size() ? many_.data() : few_.data();
    for (const std::string_view s : strings) *out++ = str(s);
  }

  const sc_str* data() const { return size_ > few_.size() ? many_.data() : few_.data(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::array<sc_str, 8> few_;
  std::vector<sc_str> many_;
};

}  // namespace statecast::detail
