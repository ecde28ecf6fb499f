// The guards through which one thread calls the transports, which any thread may call: one for each transport, so that
// times and failures are told by transport and each counter has one writer.
//
// Filled when its owner (a lane's Fanout, a shard's Streams) is made; read for reports by any thread after that.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "host/streaming/instances.hpp"

namespace statecast::host {

class TransportGuards {
 public:
  void add(const TransportInstance& transport) {
    if (place_of(transport) == entries_.end()) entries_.push_back({&transport, std::make_unique<PluginGuard>(transport.id())});
  }
  // Of a transport that was added.
  PluginGuard& of(const TransportInstance& transport) { return *place_of(transport)->guard; }

  template <class Take>
  void for_each(Take&& take) const {
    for (const Entry& entry : entries_) take(*entry.guard);
  }

 private:
  struct Entry {
    const TransportInstance* transport;
    std::unique_ptr<PluginGuard> guard;
  };
  std::vector<Entry>::const_iterator place_of(const TransportInstance& transport) const {
    return std::ranges::find(entries_, &transport, &Entry::transport);
  }
  std::vector<Entry> entries_;
};

}  // namespace statecast::host
