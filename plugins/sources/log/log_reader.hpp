// A place in a log, with a connection of its own. Each poll is one short read transaction, so that the journal can be
// carried over to the file in between.
//
// Owned by the host.
#pragma once

#include <statecast/source.hpp>
#include <statecast/waiter.hpp>
#include <string>

#include "plugins/sources/log/extent.hpp"
#include "plugins/sources/log/sqlite.hpp"

namespace statecast::log {

class LogReader final : public Reader {
 public:
  // Yields the events from number `next` on. The path, the extent and the waiters outlive it.
  LogReader(const Host& host, const std::string& path, const Extent& extent, Waiters& waiters, std::uint64_t next);

  bool poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) override;
  void interrupt() override { waiter_.interrupt(); }

 private:
  void yield(std::uint64_t max, const Batch& batch);

  const Host host_;
  const std::string& path_;
  const Extent& extent_;
  Waiter waiter_;
  std::uint64_t next_;
  Database db_;
  Statement select_;
};

// The columns of an event in the order in which event_in reads them.
inline constexpr const char* kEventColumns = "seq, time_us, id, source, type, subject, data, extensions";
Event event_in(const Rows& rows);

}  // namespace statecast::log
