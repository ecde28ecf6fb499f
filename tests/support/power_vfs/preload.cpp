// Put in front of a program by LD_PRELOAD, this gives all its SQLite files the disk that STATECAST_POWER_DISK names:
// `loses` (the default), `tears` or `lies`; STATECAST_POWER_SEED is the seed of one that tears.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/support/power_vfs/power_vfs.hpp"

namespace {

using statecast::test::Disk;

std::string_view variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

Disk disk_named(std::string_view name) {
  if (name == "loses") return Disk::kLoses;
  if (name == "tears") return Disk::kTears;
  if (name == "lies") return Disk::kLies;
  std::fprintf(stderr, "STATECAST_POWER_DISK must be loses, tears or lies\n");
  std::abort();
}

__attribute__((constructor)) void take_the_disk() {
  const auto seed = std::strtoul(variable("STATECAST_POWER_SEED", "1").data(), nullptr, 10);
  statecast::test::register_power_vfs(disk_named(variable("STATECAST_POWER_DISK", "loses")), static_cast<unsigned>(seed));
}

}  // namespace
