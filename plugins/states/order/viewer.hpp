// Who asks, as far as an OrderState cares: read from the verified claims of a client.
#pragma once

#include <string>
#include <string_view>

namespace statecast::order {

struct Viewer {
  std::string sub;        // the identity; empty = none
  bool staff = false;     // has the role staff or admin: sees every order, and all of it
  bool customer = false;  // has the role customer: sees its own orders

  // Claims of another form than {"sub": "...", "roles": ["..."]} give no rights.
  static Viewer of(std::string_view claims);
};

}  // namespace statecast::order
