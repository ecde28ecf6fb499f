// Which events have a name already: finds them by the hash of (source, id), which CloudEvents 1.0 3.1.1 calls the name.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plugins/sources/log/sqlite.hpp"

namespace statecast::log {

// FNV-1a 64. Stored in the file, so it never changes.
std::uint64_t name_hash(std::string_view source, std::string_view id);

// Owned by the source, used by append. Hashes have no order, so each that is entered into a table by itself dirties a
// page of its own, and all of them go through the journal. So the newest wait in memory, and many at a time are entered
// in order of hash. `named` in `meta` says how far the table reaches; what is newer is read from the events at the
// start.
//
// A name may outlive its event, and is then no longer found. Nor is that of an event that is damaged: nobody gets it any
// more, so who publishes it again is not told that it is there.
class Names {
 public:
  explicit Names(Database& db);

  // The number of the event of this name; 0 when there is none.
  std::uint64_t find(std::uint64_t hash, std::string_view source, std::string_view id);
  void add(std::uint64_t hash, std::uint64_t seq) { waiting_.emplace(hash, seq); }

  // In the transaction of an append, before its events: enters those that wait, if they are many, but none of events
  // before `oldest`. Then one of the others says how the transaction ended.
  void settle(std::uint64_t oldest);
  // What the next settle writes, about.
  std::size_t bytes_due() const { return waiting_.size() < kMany ? 0 : kManyBytes; }
  void on_commit() { settling_.clear(); }
  void on_rollback(std::uint64_t newest);  // of the events that are there

  // In a transaction that takes these events away, before it does: their names.
  void remove(std::uint64_t first, std::uint64_t last);

 private:
  static constexpr std::size_t kMany = 8192;          // what may wait, beside the events of one append
  static constexpr std::size_t kManyBytes = 4 << 20;  // of the pages that so many names are on

  void add_newest();
  bool is_name_of(std::uint64_t seq, std::string_view source, std::string_view id);

  Database& db_;
  Statement in_table_, event_, insert_, remove_;
  std::unordered_multimap<std::uint64_t, std::uint64_t> waiting_;  // hash, number
  std::vector<std::pair<std::uint64_t, std::uint64_t>> settling_;  // the same, in order
};

}  // namespace statecast::log
