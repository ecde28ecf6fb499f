#include "host/serving/open_files.hpp"

#include <sys/resource.h>

#include <climits>

#include "host/ops/log.hpp"

namespace statecast::host {

namespace {

// About as many as each takes for as long as it runs.
constexpr std::size_t kOfProcess = 32, kOfShard = 16, kOfPlugin = 8;
constexpr const char* kRaise = "raise the limit of open files: LimitNOFILE= of the service, `ulimit -Hn` of a shell";

}  // namespace

int OpenFiles::limit() {
  rlimit granted{};
  if (::getrlimit(RLIMIT_NOFILE, &granted) != 0 || granted.rlim_cur > INT_MAX) return INT_MAX;
  return static_cast<int>(granted.rlim_cur);
}

Result<void> OpenFiles::check(const Config& config, std::size_t shards) {
  std::size_t plugins = config.sources.size();
  for (const StateSettings& state : config.states) plugins += state.partitions;
  const std::size_t own = kKept + kOfProcess + kOfShard * shards + kOfPlugin * plugins;
  const auto may = static_cast<std::size_t>(limit());
  const std::string granted = "this process may open " + std::to_string(may) + " files, of which this configuration takes about " + std::to_string(own);
  if (may <= own) return Error{granted + " by itself: none is left to clients", kRaise};
  if (may - own < config.limits.connections)
    log::warning("server", granted + " by itself: fewer clients than limits.connections are taken", {{"fix", kRaise}});
  return {};
}

void OpenFiles::note_refused() {
  refused_.fetch_add(1, std::memory_order_relaxed);
  if (told_refused_.now())
    log::warning("server", "clients are refused: of the " + std::to_string(limit()) + " files that this process may open too few are left", {{"fix", kRaise}});
}

void OpenFiles::note_accept_failure(const std::string& why) {
  accept_failures_.fetch_add(1, std::memory_order_relaxed);
  if (told_failure_.now()) log::error("server", "cannot accept connections: " + why, {{"fix", kRaise}});
}

}  // namespace statecast::host
