// State "bad-apply": throws for events whose data has "boom": true.
#include <nlohmann/json.hpp>

#include "last_value_state.hpp"

namespace {

class BadApply : public test_plugins::LastValueState {
 public:
  explicit BadApply(const statecast::Instance&) : LastValueState("bad-apply") {}

  void apply(const statecast::Event& event, const statecast::Changes& changes) override {
    const auto data = nlohmann::json::parse(event.data);
    if (data.is_object() && data.value("boom", false)) throw std::runtime_error("boom");
    LastValueState::apply(event, changes);
  }
};

}  // namespace

STATECAST_PLUGINS("statecast-tests", "0.1.0",
                  statecast::state<BadApply>("bad-apply", "1.0.0", "Throws in apply on demand",
                                             TEST_MANIFEST("bad-apply")));
