// Transport "holds-shard": open blocks its shard for as long as the file that the setting `gate` names exists.
#include <nlohmann/json.hpp>
#include <statecast/plugin.hpp>
#include <string>

#include "gate.hpp"

namespace {

using namespace statecast;

class HoldsShard : public Transport {
 public:
  explicit HoldsShard(const Instance& instance)
      : gate_(nlohmann::json::parse(instance.settings).value("gate", "")) {}

  Opened open(const Client&, const Commands&) override {
    test_plugins::wait_until_gone(gate_);
    throw Failure(SC_REJECTED, "the gate was closed");
  }

  void head(Session*, const Sink&) override {}
  void decode(Session*, std::string_view, const Commands&, const Sink&) override {}
  void answer(Session*, std::uint64_t, sc_status, std::string_view, const Sink&) override {}
  void encode(std::uint32_t, const Message&, const Sink&) const override {}
  void heartbeat(std::uint32_t, const Sink&) const override {}
  void close(Session*, std::uint32_t, std::string_view, std::uint32_t, const Sink&) override {}

 private:
  std::string gate_;
};

constexpr std::string_view kManifest = R"({
  "settings": {"properties": {"gate": {"type": "string", "description": "open blocks while this file exists"}}},
  "encodings": [{"name": "plain", "bare": 0}],
  "routes": [{"path": "/holds-shard"}]
})";

}  // namespace

STATECAST_PLUGINS("statecast-tests", "0.1.0",
                  transport<HoldsShard>("holds-shard", "1.0.0", "Blocks its shard on demand", kManifest));
