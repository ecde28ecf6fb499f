#include "host/ops/service_manager.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>

namespace statecast::host {

namespace {

// NOTIFY_SOCKET and WATCHDOG_USEC stay in the environment: nothing is executed from here that could inherit them.
class Systemd : public ServiceManager {
 public:
  Systemd() {
    std::uint64_t microseconds = 0;
    if (::sd_watchdog_enabled(0, &microseconds) > 0) patience_ = std::chrono::microseconds(microseconds);
  }

  // A message that cannot be sent is as lost as the one that reads it: systemd gives up on this process by itself.
  void send(const std::string& assignments) override { ::sd_notify(0, assignments.c_str()); }
  std::chrono::nanoseconds patience() const override { return patience_; }

 private:
  std::chrono::nanoseconds patience_{0};
};

}  // namespace

ServiceManager& service_manager() {
  static Systemd systemd;
  return systemd;
}

}  // namespace statecast::host
