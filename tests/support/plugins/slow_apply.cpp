// State "hangs": apply blocks for as long as the file that the setting `gate` names exists.
#include <nlohmann/json.hpp>

#include "gate.hpp"
#include "last_value_state.hpp"

namespace {

class Hangs : public test_plugins::LastValueState {
 public:
  explicit Hangs(const statecast::Instance& instance)
      : LastValueState("hangs"), gate_(nlohmann::json::parse(instance.settings).value("gate", "")) {}

  void apply(const statecast::Event& event, const statecast::Changes& changes) override {
    test_plugins::wait_until_gone(gate_);
    LastValueState::apply(event, changes);
  }

 private:
  std::string gate_;
};

constexpr std::string_view kManifest = R"({
  "settings": {"properties": {"gate": {"type": "string", "description": "apply blocks while this file exists"}}},
  "consumes": [{"type": "BadEvent", "key": "/subject"}],
  "topics": [{"prefix": "hangs", "kind": "updated"}]
})";

}  // namespace

STATECAST_PLUGINS("statecast-tests", "0.1.0",
                  statecast::state<Hangs>("hangs", "1.0.0", "Blocks in apply on demand", kManifest));
