// Where in a list each of its keys stands. The list has the keys; this has their hashes, without an allocation for each, and
// forgets all of them at once for nothing.
//
// Part of a ChangeSet. [lane]
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace statecast::host {

class KeyPlaces {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  // The key's place; kNone = it has none. `key_at(place)` gives the key that stands there.
  template <class KeyAt>
  std::uint32_t find(std::string_view key, KeyAt&& key_at) const {
    if (size_ == 0) return kNone;
    const std::uint32_t hash = hash_of(key);
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      const Slot& slot = slots_[i];
      if (slot.round != round_) return kNone;
      if (slot.hash == hash && key_at(slot.place) == key) return slot.place;
    }
  }

  // Notes the place of a key that has none.
  void add(std::string_view key, std::uint32_t place) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    enter({hash_of(key), place, round_});
    ++size_;
  }

  void clear() {
    size_ = 0;
    if (++round_ == 0) slots_.assign(slots_.size(), Slot{}), round_ = 1;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0, place = 0, round = 0;  // of another round = free
  };

  static std::uint32_t hash_of(std::string_view key) { return static_cast<std::uint32_t>(std::hash<std::string_view>{}(key)); }
  std::size_t mask() const { return slots_.size() - 1; }

  void enter(const Slot& entered) {
    std::size_t i = entered.hash & mask();
    while (slots_[i].round == round_) i = (i + 1) & mask();
    slots_[i] = entered;
  }

  void grow() {
    const std::vector<Slot> before = std::move(slots_);
    slots_.assign(before.empty() ? 16 : 2 * before.size(), Slot{});
    for (const Slot& slot : before)
      if (slot.round == round_) enter(slot);
  }

  std::vector<Slot> slots_;  // a power of two, at most half of them used
  std::size_t size_ = 0;
  std::uint32_t round_ = 1;
};

}  // namespace statecast::host
