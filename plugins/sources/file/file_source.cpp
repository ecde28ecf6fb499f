#include "plugins/sources/file/file_source.hpp"

#include <statecast/sequence.hpp>

#include "plugins/sources/file/replay.hpp"

namespace statecast::file {
namespace {

// Now rather than when it is read: then an operator sees it at the start.
Settings readable(Settings settings) {
  try {
    const LineReader opened(settings.path);
  } catch (const Failure& failure) {
    throw Failure(SC_REJECTED, std::string("path: ") + failure.what());
  }
  return settings;
}

}  // namespace

FileSource::FileSource(const Instance& instance)
    : host_(instance.host),
      settings_(readable(Settings::read(instance.settings))),
      epoch_(new_epoch()),
      metrics_(host_) {}

std::unique_ptr<Reader> FileSource::open_reader(std::span<const Position> after) {
  return std::make_unique<Replay>(host_, settings_, first_after(after, 1), metrics_, waiters_);
}

}  // namespace statecast::file
