#include "plugins/states/delivery/parting.hpp"

#include "plugins/states/delivery/topic.hpp"

namespace statecast::delivery {
namespace {

constexpr std::string_view kPartings = "partings/";

}  // namespace

std::string Parting::key() const { return std::string(kPartings).append(view).append("/").append(topic); }

// A view has no '/', a topic has one.
std::optional<Parting> Parting::parse(std::string_view key) {
  if (!key.starts_with(kPartings)) return std::nullopt;
  key.remove_prefix(kPartings.size());
  const auto slash = key.find('/');
  if (slash == key.npos) return std::nullopt;
  return Parting{key.substr(0, slash), key.substr(slash + 1)};
}

void Parting::write(const Sink& json) const {
  json.write(R"({"type":"ended","topic":")");
  json.write(topic);
  json.write(topic.starts_with(kDrivers) ? R"(","reason":"no order of yours is on its way with this driver any more"})"
                                         : R"(","reason":"this run is no longer yours"})");
}

}  // namespace statecast::delivery
