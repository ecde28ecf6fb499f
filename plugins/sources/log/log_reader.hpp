// A place in a log, with a connection of its own. Each poll is one short read transaction, so that the journal can be
// carried over to the file in between.
//
// Owned by the host.
#pragma once

#include <statecast/source.hpp>
#include <statecast/waiter.hpp>
#include <string>

#include "plugins/sources/log/extent.hpp"
#include "plugins/sources/log/passage.hpp"

namespace statecast::log {

class LogReader final : public Reader, Visitor {
 public:
  // Yields the events from number `next` on. The path, the extent and the waiters outlive it.
  LogReader(const Host& host, const std::string& path, const Extent& extent, Waiters& waiters, std::uint64_t next);

  bool poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) override;
  void interrupt() override { waiter_.interrupt(); }

 private:
  void event(const Event& event, bool) override { batch_->event(event); }
  void damaged(std::uint64_t first, std::uint64_t last, std::string_view why) override;
  void missing(std::uint64_t first, std::uint64_t last) override;

  const Host host_;
  const std::string& path_;
  const Extent& extent_;
  Waiter waiter_;
  std::uint64_t next_;
  Database db_;
  Passage passage_;
  const Batch* batch_ = nullptr;  // of the poll under way
};

}  // namespace statecast::log
