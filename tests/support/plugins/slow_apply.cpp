// State "hangs": apply blocks for as long as the file that the setting `gate` names exists.
#include <sys/inotify.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "last_value_state.hpp"

namespace {

// Waits for inotify's word, not for time to pass. A file that goes before it is watched is not there to wait for.
void wait_until_gone(const std::string& file) {
  const int watch = ::inotify_init1(IN_CLOEXEC);
  const bool watched = ::inotify_add_watch(watch, file.c_str(), IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF) >= 0;
  alignas(inotify_event) char events[4096];
  while (watched && std::filesystem::exists(file) && ::read(watch, events, sizeof events) > 0) {
  }
  ::close(watch);
}

class Hangs : public test_plugins::LastValueState {
 public:
  explicit Hangs(const statecast::Instance& instance)
      : LastValueState("hangs"), gate_(nlohmann::json::parse(instance.settings).value("gate", "")) {}

  void apply(const statecast::Event& event, const statecast::Changes& changes) override {
    wait_until_gone(gate_);
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
