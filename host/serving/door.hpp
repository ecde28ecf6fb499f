// Who may come in: what the listeners and the requests that they bring are measured by, over all shards.
//
// Owned by Server. [any]
#pragma once

#include "host/serving/connection_limits.hpp"
#include "host/serving/open_files.hpp"
#include "host/serving/request_origin.hpp"

namespace statecast::host {

struct Door {
  explicit Door(const Config& config)
      : origin(config.server, RequestOrigin::At::kPublic),
        admin_origin(config.server, RequestOrigin::At::kAdmin),
        clients(config.limits),
        refused(limits_for_refused()),
        admin({}) {}
  static LimitSettings limits_for_refused() {
    LimitSettings limits;
    limits.connections = OpenFiles::kRefused;
    return limits;
  }

  const RequestOrigin origin, admin_origin;
  OpenFiles files;
  ConnectionLimits clients;
  ConnectionLimits refused;  // clients beyond a limit, while they are told so
  ConnectionLimits admin;
};

}  // namespace statecast::host
