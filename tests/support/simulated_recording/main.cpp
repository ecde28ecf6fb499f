// simulated_recording '{"orders":10000,"seed":7}' > recording.ndjson
//
// Writes all that a simulator with these settings has to tell, one CloudEvent in its JSON form a line, as fast as it
// can. `orders` says when it ends.
#include <iostream>
#include <nlohmann/json.hpp>
#include <statecast/rfc3339.hpp>
#include <statecast/testkit/source_kit.hpp>

#include "plugins/sources/simulator/simulator_source.hpp"

namespace {

using nlohmann::ordered_json;
using statecast::testkit::OwnedEvent;
using statecast::testkit::SourceKit;

std::string line(const OwnedEvent& event) {
  ordered_json envelope = {{"specversion", "1.0"},
                           {"id", event.id},
                           {"source", event.source},
                           {"type", event.type},
                           {"subject", event.subject},
                           {"time", statecast::format_rfc3339(event.time_us)}};
  envelope["data"] = ordered_json::parse(event.data);
  return envelope.dump();
}

int refuse(const std::string& why) {
  std::cerr << "simulated_recording: " << why << '\n';
  return 64;
}

}  // namespace

int main(int argc, char** argv) {
  auto settings = ordered_json::parse(argc == 2 ? argv[1] : "", nullptr, false);
  if (!settings.is_object() || settings.value("orders", 0) < 1)
    return refuse(R"(expected the settings of a simulator as JSON, with orders: '{"orders":100,"seed":7}')");
  settings["pace"] = 0;
  SourceKit kit(statecast::testkit::source_table<statecast::simulator::SimulatorSource>(), settings.dump());
  if (!kit.creation().ok()) return refuse(kit.creation().text);
  auto reader = kit.open_reader();
  for (;;) {
    const auto polled = reader.poll(1'000, std::chrono::milliseconds(0));
    if (!polled.outcome.ok()) return std::cout.flush() ? 0 : refuse("cannot write");
    for (const OwnedEvent& event : polled.events) std::cout << line(event) << '\n';
  }
}
