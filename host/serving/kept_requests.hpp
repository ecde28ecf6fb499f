// What is kept of the requests of clients that may subscribe later: all that a state may ask about the client by then. Clients
// whose requests are alike, as those of one application mostly are, share one. What is each one's own, the session's number and
// the address, is not part of it, nor is the key of its WebSocket handshake, which nothing after the handshake needs.
//
// Owned by Streams. [shard]
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

#include "host/streaming/request_context.hpp"

namespace statecast::host {

class KeptRequests {
  struct Sharing {
    KeptRequests* among;
    std::uint32_t sessions = 0;
  };
  using Entry = std::pair<const std::string, Sharing>;

 public:
  // One session's share; must go before the KeptRequests.
  class Kept {
   public:
    Kept() = default;
    explicit Kept(Entry& entry) : entry_(&entry) { ++entry.second.sessions; }
    Kept(Kept&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
    Kept& operator=(Kept&& other) noexcept {
      std::swap(entry_, other.entry_);
      return *this;
    }
    ~Kept() {
      if (entry_ != nullptr && --entry_->second.sessions == 0) entry_->second.among->forget(*entry_);
    }

    explicit operator bool() const { return entry_ != nullptr; }
    // As it was told when the request came in, for the session of this number at this address.
    Ref<RequestContext> context(std::uint64_t session, std::string remote) const;

   private:
    Entry* entry_ = nullptr;
  };

  Kept keep(const RequestContext& context);
  std::size_t size() const { return requests_.size(); }

 private:
  void forget(const Entry& entry) { requests_.erase(requests_.find(entry.first)); }

  std::unordered_map<std::string, Sharing> requests_;  // written one field after another, each behind its length
};

}  // namespace statecast::host
