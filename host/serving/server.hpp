// Owns the shards and listeners: binds the addresses, starts a shard for each core, and ends them in order.
//
// Owned by main. [main]
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "host/serving/admin_api.hpp"
#include "host/serving/shard.hpp"

namespace statecast::host {

class Server : public SubscriberCounts {
 public:
  static Result<std::unique_ptr<Server>> create(const Config& config, StreamService& service, std::size_t shards);
  ~Server() override;

  void start();
  // Stops accepting and tells every client; true when all are gone before the deadline.
  bool drain(std::chrono::steady_clock::time_point deadline);
  void stop();

  // Why clients should go elsewhere, as /readyz says; empty = ready.
  std::vector<std::string> not_ready() const { return admin_->not_ready(); }
  // When each shard's thread last came round (Clock::mono_ns).
  std::vector<std::int64_t> shards_alive_ns() const;

  std::int64_t subscriptions(std::size_t prefix) const override;
  std::int64_t sessions() const override;

 private:
  Server(const Config& config, StreamService& service);
  Result<void> listen(const Endpoint& endpoint);
  Result<void> listen_admin(const Endpoint& endpoint);
  void on_admin_accepted(Listener::Socket socket);

  const Config& config_;
  StreamService& service_;
  const AccessControl access_;
  Door door_;
  const StreamController controller_;
  std::unique_ptr<BufferBudget> buffers_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<AdminApi> admin_;  // before the shards: connections of the first one end with it
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<Listener>> admin_listeners_;  // on the first shard
};

}  // namespace statecast::host
