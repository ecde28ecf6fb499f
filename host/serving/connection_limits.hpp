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
 public:
  // One counted connection; counted off when this goes.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(ConnectionLimits& limits, boost::asio::ip::address address) : limits_(&limits), address_(std::move(address)) {}
    Ticket(Ticket&& other) noexcept : limits_(std::exchange(other.limits_, nullptr)), address_(other.address_) {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(limits_, other.limits_);
      std::swap(address_, other.address_);
      return *this;
    }
    ~Ticket() {
      if (limits_ != nullptr) limits_->leave(address_);
    }

   private:
    ConnectionLimits* limits_ = nullptr;
    boost::asio::ip::address address_;
  };

  explicit ConnectionLimits(const LimitSettings& limits) : limits_(limits) {}

  // Counts a connection; nothing when a limit is reached.
  std::optional<Ticket> enter(const boost::asio::ip::address& address) {
    std::lock_guard lock(mutex_);
    if (counts_.open >= limits_.connections) return ++counts_.refused_in_all, std::nullopt;
    if (limits_.per_ip != 0) {
      auto& from_there = by_address_[address];
      if (from_there >= limits_.per_ip) return ++counts_.refused_per_ip, std::nullopt;
      ++from_there;
    }
    ++counts_.open;
    ++counts_.accepted;
    return Ticket(*this, address);
  }

  struct Counts {
    std::uint64_t open = 0, accepted = 0, refused_in_all = 0, refused_per_ip = 0;
  };
  Counts counts() const {
    std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  void leave(const boost::asio::ip::address& address) {
    std::lock_guard lock(mutex_);
    --counts_.open;
    const auto found = by_address_.find(address);
    if (found != by_address_.end() && --found->second == 0) by_address_.erase(found);
  }

  const LimitSettings limits_;
  mutable std::mutex mutex_;  // guards what follows
  Counts counts_;
  std::map<boost::asio::ip::address, std::uint32_t> by_address_;
};

}  // namespace statecast::host
