// Says to the service manager what is true of this process: when it is ready, what keeps it from that, how many clients it
// has, that it stops; and, as long as each of the host's own threads comes round, that it is alive. Plugins' threads have
// no say in that: a State that hangs is no reason to end everybody's connections.
//
// Owned by main, which looks at everything once a tick. [main]
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "host/ops/service_manager.hpp"

namespace statecast::host {

// What main saw at one look. Times are those of Clock::mono_ns.
struct Vitals {
  struct Thread {
    std::string name;  // "shard 0"
    std::int64_t alive_ns;
  };
  std::int64_t now_ns;
  std::vector<std::string> not_ready;  // why; empty = ready
  std::int64_t clients;
  std::vector<Thread> threads;
};

class ServiceWatch {
 public:
  explicit ServiceWatch(ServiceManager& manager);

  // How often on_tick is to be called.
  std::chrono::nanoseconds period() const { return period_; }
  void on_tick(const Vitals& vitals);
  // A stop has begun that may take so long.
  void on_stop(std::chrono::milliseconds longest);

 private:
  void look_at_threads(const Vitals& vitals);
  void feed(std::int64_t now_ns);
  void ask_for_time(std::int64_t now_ns);
  void say_ready(const Vitals& vitals);
  void tell_status(std::string status, std::int64_t now_ns);

  ServiceManager& manager_;
  const std::chrono::nanoseconds patience_;  // of the manager; 0 = it does not watch
  const std::chrono::nanoseconds too_long_;  // for one round of a thread
  const std::chrono::nanoseconds period_;
  std::vector<std::string> stuck_;  // threads, at the last tick
  bool ready_said_ = false;
  std::string status_;                                       // as last told
  std::int64_t status_ns_ = 0, fed_ns_ = 0, asked_ns_ = 0;  // when last; 0 = never
};

}  // namespace statecast::host
