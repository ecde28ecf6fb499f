// Who may come in: what the listeners are measured by, over all shards.
//
// Owned by Server. [any]
#pragma once

#include "host/serving/connection_limits.hpp"
#include "host/serving/open_files.hpp"

namespace statecast::host {

struct Door {
  explicit Door(const Config& config) : clients(config.limits), refused(limits_for_refused()), admin({}) {}
  static LimitSettings limits_for_refused() {
    LimitSettings limits;
    limits.connections = OpenFiles::kRefused;
    return limits;
  }

  OpenFiles files;
  ConnectionLimits clients;
  ConnectionLimits refused;  // clients beyond a limit, while they are told so
  ConnectionLimits admin;
};

}  // namespace statecast::host
