// The source that makes events up: a platform that lives, for demonstrations, tests and benches.
#pragma once

#include <statecast/source.hpp>
#include <statecast/waiter.hpp>

#include "plugins/sources/simulator/platform.hpp"

namespace statecast::simulator {

// Owned by the host. Each reader lives through the same platform, which began when the source was made: one that is
// opened later is told at once what has happened since, after its position.
class SimulatorSource final : public Source {
 public:
  explicit SimulatorSource(const Instance& instance);

  Epoch epoch() override { return {epoch_, 1}; }
  Range range(std::uint32_t /*partition*/) override { return {}; }  // nothing is kept
  std::unique_ptr<Reader> open_reader(std::span<const Position> after) override;

 private:
  const Host host_;
  const Settings settings_;
  const Identity identity_;
  const std::string epoch_, name_;  // name_: the CloudEvents source of its events
  const std::int64_t start_us_, began_ns_;
  Waiters waiters_;
};

}  // namespace statecast::simulator
