// The line to the service manager that started this process: systemd's notification socket (sd_notify(3)). Without one,
// as under a shell, nothing is sent and nobody watches.
#pragma once

#include <chrono>
#include <string>

namespace statecast::host {

class ServiceManager {
 public:
  virtual ~ServiceManager() = default;
  // Assignments, one a line: "READY=1\nSTATUS=ready".
  virtual void send(const std::string& assignments) = 0;
  // How long it lets this process be silent before it takes it for hung; 0 = it does not watch.
  virtual std::chrono::nanoseconds patience() const = 0;
};

// The one of this process. [main]
ServiceManager& service_manager();

}  // namespace statecast::host
