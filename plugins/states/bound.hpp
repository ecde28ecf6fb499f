// How many entities of one kind a State holds and how much they take, beside how many and how much they may. What is too many is
// refused or evicted: that is the State's matter.
//
// Metrics, for orders: orders, orders_limit, orders_bytes, orders_bytes_limit. Owned by a State, on its lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <statecast/types.hpp>
#include <string_view>
#include <utility>

namespace statecast {

class Bound {
 public:
  struct Limits {
    std::size_t count, bytes;
  };
  // What the State and the host keep of an entity beside its texts, about.
  static constexpr std::size_t kRecordBytes = 512;

  // `kind` names the entities: "orders". Within the State's constructor.
  Bound(const Host& host, std::string_view kind, const Limits& limits);

  void enter(std::size_t bytes);
  void leave(std::size_t bytes);
  void resize(std::size_t before, std::size_t after);
  // The same for an entity that remembers what was counted of it.
  void recount(std::size_t& counted, std::size_t bytes) { resize(std::exchange(counted, bytes), bytes); }

  bool too_many() const { return count_ > limits_.count; }
  bool exceeded() const { return too_many() || bytes_ > limits_.bytes; }
  bool full() const { return count_ >= limits_.count; }
  std::size_t bytes_left() const { return bytes_ < limits_.bytes ? limits_.bytes - bytes_ : 0; }

 private:
  const Host host_;
  const Limits limits_;
  std::uint32_t count_metric_, bytes_metric_;
  std::size_t count_ = 0, bytes_ = 0;
};

}  // namespace statecast
