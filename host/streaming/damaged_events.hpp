// What a source has told of events that are damaged: states go on without them, and operators are told.
//
// Owned by the source's instance. Each reader meets the same damage, which counts once. [any]
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "plugin-api/include/statecast/types.hpp"

namespace statecast::host {

class DamagedEvents {
 public:
  explicit DamagedEvents(std::string source) : source_(std::move(source)) {}

  // The events from `first` to `last`, which are so many. Logs what is new.
  void note(const sc_pos& first, const sc_pos& last, std::uint64_t events, std::string_view why);

  // So many since the start.
  std::uint64_t events() const { return events_.load(std::memory_order_relaxed); }

  // A sentence of those that the source still holds, by its oldest position in each partition; empty when there are none.
  std::string sentence(const std::vector<sc_pos>& oldest) const;

 private:
  static constexpr std::size_t kPlaces = 1000;  // remembered
  static constexpr std::size_t kNamed = 5;      // in a sentence

  struct Place {
    sc_pos first, last;
    std::string why;

    bool has(const sc_pos& at) const { return at.partition == last.partition && !(at < first) && !(last < at); }
    std::string text() const;
  };
  bool remember(const sc_pos& first, const sc_pos& last, std::string_view why);

  const std::string source_;
  std::atomic<std::uint64_t> events_{0};
  mutable std::mutex mutex_;
  std::vector<Place> places_;  // under mutex_
};

}  // namespace statecast::host
