// Who asks, as far as a DeliveryState cares: read from the verified claims of a client.
#pragma once

#include <string>
#include <string_view>

namespace statecast::delivery {

struct Viewer {
  std::string sub;         // the identity; empty = none
  bool sees_all = false;   // has the role staff, admin or dispatcher
  bool driver = false;     // has the role driver: sees its own runs and its own location
  bool customer = false;   // has the role customer: sees the drivers who bring its orders

  // Claims of another form than {"sub": "...", "roles": ["..."]} give no rights.
  static Viewer of(std::string_view claims);
};

}  // namespace statecast::delivery
