#include "plugins/sources/simulator/platform.hpp"

namespace statecast::simulator {
namespace {

// Begins with a letter, as that of a seed does not.
std::string random_tag() {
  std::random_device random;
  Dice dice(random());
  std::string tag(1, static_cast<char>(dice.between('a', 'z')));
  while (tag.size() < 6) tag += "0123456789abcdefghijklmnopqrstuvwxyz"[dice.between(0, 35)];
  return tag;
}

}  // namespace

Identity Identity::of(const Settings& settings) {
  if (settings.seed) return {static_cast<std::uint64_t>(*settings.seed), std::to_string(*settings.seed)};
  std::random_device random;
  return {std::uint64_t{random()} << 32 | random(), random_tag()};
}

Platform::Platform(const Settings& settings, const Identity& identity, std::int64_t start_us)
    : world_{settings, identity.tag, Dice(identity.seed), Calendar(start_us, settings.speed())}, orders_(world_) {
  orders_.begin();
}

const Happening* Platform::next() {
  while (world_.journal.empty() && !world_.agenda.empty()) world_.agenda.do_next();
  return world_.journal.empty() ? nullptr : &world_.journal.front();
}

}  // namespace statecast::simulator
