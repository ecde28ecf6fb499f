// How many connections there are, in all and from one address, over all shards.
//
// Asked once when a connection is accepted and once when it ends, never while data flows. Any thread.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "host/config/settings.hpp"

namespace statecast::host {

class ConnectionLimits {
  struct From {
    ConnectionLimits& limits;
    std::uint32_t open = 0;
  };
  using Address = std::pair<const boost::asio::ip::address, From>;

 public:
  // One counted connection; counted off when this goes. Idle connections keep theirs, so it is no more than a pointer.
  class Ticket {
   public:
    Ticket() = default;
    explicit Ticket(Address& from) : from_(&from) {}
    Ticket(Ticket&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(from_, other.from_);
      return *this;
    }
    ~Ticket() {
      if (from_ != nullptr) from_->second.limits.leave(*from_);
    }

   private:
    Address* from_ = nullptr;
  };

  explicit ConnectionLimits(const LimitSettings& limits) : limits_(limits) {}

  // Counts a connection; nothing when a limit is reached.
  std::optional<Ticket> enter(const boost::asio::ip::address& address) {
    std::lock_guard lock(mutex_);
    if (counts_.open >= limits_.connections) return ++counts_.refused_in_all, std::nullopt;
    Address* from = &anywhere_;
    if (limits_.per_ip != 0) {
      from = &*by_address_.try_emplace(address, From{*this}).first;
      if (from->second.open >= limits_.per_ip) return ++counts_.refused_per_ip, std::nullopt;
      ++from->second.open;
    }
    ++counts_.open;
    ++counts_.accepted;
    return Ticket(*from);
  }

  struct Counts {
    std::uint64_t open = 0, accepted = 0, refused_in_all = 0, refused_per_ip = 0;
  };
  Counts counts() const {
    std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  void leave(Address& from) {
    std::lock_guard lock(mutex_);
    --counts_.open;
    if (&from != &anywhere_ && --from.second.open == 0) by_address_.erase(from.first);
  }

  const LimitSettings limits_;
  mutable std::mutex mutex_;  // guards what follows
  Counts counts_;
  std::map<boost::asio::ip::address, From> by_address_;
  Address anywhere_{boost::asio::ip::address(), From{*this}};  // where connections are not counted by address
};

}  // namespace statecast::host
