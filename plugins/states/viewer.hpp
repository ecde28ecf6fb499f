// Who asks, as far as a State cares: read from the verified claims of a client.
#pragma once

#include <string>
#include <string_view>

namespace statecast {

struct Viewer {
  std::string sub;        // the identity; empty = none
  bool staff = false;     // has the role staff or admin: sees everything
  bool customer = false;  // has the role customer: sees what is its own

  // Claims of another form than {"sub": "...", "roles": ["..."]} give no rights.
  static Viewer of(std::string_view claims);
};

}  // namespace statecast
