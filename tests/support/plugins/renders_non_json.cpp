// State "bad-json": render writes what is no JSON.
#include "last_value_state.hpp"

namespace {

class BadJson : public test_plugins::LastValueState {
 public:
  explicit BadJson(const statecast::Instance&) : LastValueState("bad-json") {}

  bool render(std::string_view, std::string_view, const statecast::Sink& json) override {
    json.write("{\"type\": not json");
    return true;
  }
};

}  // namespace

STATECAST_PLUGINS("statecast-tests", "0.1.0",
                  statecast::state<BadJson>("bad-json", "1.0.0", "Renders what is no JSON", TEST_MANIFEST("bad-json")));
