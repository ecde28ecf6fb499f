// Holds a log's file against what a log is: SQLite's own structure, numbers without a hole, events as they were stored,
// names that are right and there once, events that are events.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "plugins/sources/log/inspection.hpp"

namespace statecast::log {

// Owned by a command, one thread. Looks at the events that are there when it is made, piece by piece.
class Verification : Visitor {
 public:
  using Fault = std::function<std::optional<std::string>(const Event&)>;  // what is wrong with an event by itself
  using Tell = std::function<void(const std::string& problem)>;

  // Throws Failure when the file cannot be read to its end; so do the functions that read it.
  Verification(Inspection& inspection, Fault fault, Tell tell);

  // SQLite's own look at its pages. It takes long and cannot be cut into pieces; it asks now and then whether to go on.
  void check_structure(const std::function<bool()>& go_on);

  // Looks at the next events. False after the last.
  bool step();
  std::uint64_t events() const { return events_; }  // looked at
  std::uint64_t unchecked() const { return unchecked_; }  // of them, those of before events had checksums
  std::uint64_t first() const { return first_; }
  std::uint64_t last() const { return last_; }
  std::uint64_t next() const { return next_; }

 private:
  struct Statements;

  void event(const Event& event, bool has_checksum) override;
  void damaged(std::uint64_t first, std::uint64_t last, std::string_view why) override;
  void missing(std::uint64_t first, std::uint64_t last) override;
  void check_name(const Event& event);
  void tell(std::uint64_t seq, const std::string& what);

  Inspection& inspection_;
  const Fault fault_;
  const Tell tell_;
  Statements* statements_ = nullptr;  // of the step under way
  std::uint64_t first_, last_, next_, named_, events_ = 0, unchecked_ = 0;
  std::unordered_multimap<std::uint64_t, std::uint64_t> newest_;  // hash and number of those that `names` has not yet
};

}  // namespace statecast::log
