// State "bad-constructor": refuses whatever settings it is given.
#include "last_value_state.hpp"

namespace {

class BadConstructor : public test_plugins::LastValueState {
 public:
  explicit BadConstructor(const statecast::Instance&) : LastValueState("bad-constructor") {
    throw std::runtime_error("cannot be constructed");
  }
};

}  // namespace

STATECAST_PLUGINS("statecast-tests", "0.1.0",
                  statecast::state<BadConstructor>("bad-constructor", "1.0.0", "Throws in its constructor",
                                                   TEST_MANIFEST("bad-constructor")));
