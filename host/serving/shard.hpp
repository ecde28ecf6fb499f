// One thread with its io_context, connections, streaming clients and inbox. Whatever another thread has for a client of
// this shard comes through the inbox; the shard never waits for anybody.
//
// Owned by Server. Public functions are [main] unless marked; all else is [shard].
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "host/serving/door.hpp"
#include "host/serving/http_api.hpp"
#include "host/serving/listener.hpp"

namespace statecast::host {

class Shard {
 public:
  Shard(std::uint16_t number, StreamService& service, const Config& config, const AccessControl& access, Door& door,
        const StreamController& controller, const SubscriberCounts& counts, BufferBudget& buffers);
  ~Shard();

  // Accepts from a listening socket that all shards share: `listening` is this shard's own duplicate.
  void add_listener(int listening, bool v6);
  // Runs something before the thread starts or on it: the admin listener of the first shard.
  boost::asio::io_context& io() { return io_; }

  void start();
  // Stops accepting, tells every client, and lets what is under way end.
  void post_drain();
  // False when that has not come to its end by then.
  bool await_drained(std::chrono::steady_clock::time_point deadline) { return drained_.try_acquire_until(deadline); }
  void stop();

  const ShardStats& stats() const { return context_.stats; }  // [any]
  const TransportGuards& transport_guards() const { return streams_.guards(); }  // [any]
  // When the thread last came round (Clock::mono_ns). [any]
  std::int64_t alive_ns() const { return alive_ns_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kMessagesARound = 64;

  void run();
  void on_accepted(Listener::Socket socket);
  void refuse(Listener::Socket socket, HttpResponse response);
  void arm();
  void do_wait_inbox();
  void on_inbox();
  void on(ShardMessage& message);
  void on_failed(const ShardMessage& message);
  void on(const LaneHealth& health);
  void do_wait_streams();
  void do_tick();
  void on_tick();
  void on_drain();
  void note_drained();
  void note_time();

  Door& door_;
  ShardContext context_;
  ShardInbox& inbox_;
  HttpApi api_;
  Streams streams_;
  boost::asio::io_context io_{1};  // after what its handlers call when they are destroyed
  boost::asio::posix::stream_descriptor inbox_ready_, streams_ready_;
  boost::asio::steady_timer tick_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::binary_semaphore drained_{0};
  bool said_drained_ = false;
  bool waits_for_inbox_ = false, waits_for_streams_ = false, waits_for_tick_ = false;
  std::atomic<std::int64_t> alive_ns_{0};
  std::thread thread_;
};

}  // namespace statecast::host
