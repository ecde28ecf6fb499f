// State "bad-render": render always throws.
#include "last_value_state.hpp"

namespace {

class BadRender : public test_plugins::LastValueState {
 public:
  explicit BadRender(const statecast::Instance&) : LastValueState("bad-render") {}

  bool render(std::string_view, std::string_view, const statecast::Sink&) override {
    throw std::runtime_error("cannot be rendered");
  }
};

}  // namespace

STATECAST_PLUGINS("statecast-tests", "0.1.0",
                  statecast::state<BadRender>("bad-render", "1.0.0", "Throws in render", TEST_MANIFEST("bad-render")));
