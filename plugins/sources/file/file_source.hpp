// The source that replays a recording: a file of CloudEvents in their JSON form, one a line, as `statecast record`
// writes it.
#pragma once

#include <statecast/source.hpp>
#include <statecast/waiter.hpp>
#include <string>

#include "plugins/sources/file/progress.hpp"
#include "plugins/sources/file/settings.hpp"

namespace statecast::file {

// Owned by the host. Each reader replays the file from its beginning, or after its position: events are numbered from 1.
class FileSource final : public Source {
 public:
  explicit FileSource(const Instance& instance);

  Epoch epoch() override { return {epoch_, 1}; }
  Range range(std::uint32_t /*partition*/) override { return {}; }  // nothing is kept
  std::unique_ptr<Reader> open_reader(std::span<const Position> after) override;

 private:
  const Host host_;
  const Settings settings_;
  const std::string epoch_;
  const Metrics metrics_;
  Waiters waiters_;
};

}  // namespace statecast::file
