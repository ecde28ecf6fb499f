#include <unistd.h>

#include <algorithm>
#include <statecast/detail/events.hpp>

#include "host/cli/commands.hpp"
#include "host/cli/log_commands.hpp"
#include "host/cli/output.hpp"
#include "host/cli/progress.hpp"
#include "host/streaming/cloud_event_line.hpp"
#include "plugins/sources/log/inspection.hpp"

namespace statecast::host {

namespace {

using log::Inspection;

// The events of a range, piece by piece, as lines on standard output.
class Dump {
 public:
  Dump(const std::string& path, const LogOptions& options)
      : inspection_(path), type_(options.type), facts_(inspection_.facts()), output_(loop_, STDOUT_FILENO, "standard output") {
    loop_.watch_output(STDOUT_FILENO);
    first_ = next_ = options.from != 0 ? options.from : std::max<std::uint64_t>(facts_.oldest, 1);
    last_ = options.to != 0 ? std::min(options.to, facts_.newest) : facts_.newest;
  }

  int run() {
    for (std::uint64_t at = next_; at <= last_;) {
      at = inspection_.read(at, last_, [this](const Event& event) { take(event); });
      if (!write()) return give_up();
      progress_.show(static_cast<double>(at - first_) / static_cast<double>(last_ - first_ + 1), counted(events_, "event"));
    }
    progress_.clear();
    if (next_ <= last_) note_missing(last_ + 1);
    return whole_ ? kExitOk : kExitFailed;
  }

 private:
  void take(const Event& event) {
    const std::uint64_t number = event.position.hi;
    if (number != next_) note_missing(number);
    next_ = number + 1;
    if (!type_.empty() && event.type != type_) return;
    lines_.append(cloud_event_line(detail::to_abi(event))).append(1, '\n');
    ++events_;
  }

  void note_missing(std::uint64_t until) {
    progress_.clear();
    print_notice("events " + std::to_string(next_) + " to " + std::to_string(until - 1) + " are not in the log (any more)");
    whole_ = false;
  }

  bool write() {
    const bool written = output_.write(lines_);
    lines_.clear();
    loop_.look_around();
    return written && !loop_.ended();
  }

  int give_up() {
    progress_.clear();
    if (output_.error()) print_error(*output_.error());
    if (output_.error()) return kExitFailed;
    return loop_.end() == client::ClientLoop::End::kInterrupted ? kExitInterrupted : kExitOk;
  }

  client::ClientLoop loop_;
  Inspection inspection_;
  const std::string& type_;
  const Inspection::Facts facts_;
  Output output_;
  ProgressBar progress_;
  std::string lines_;
  std::uint64_t first_ = 0, last_ = 0, next_ = 0;  // numbers
  std::uint64_t events_ = 0;
  bool whole_ = true;
};

}  // namespace

int log_dump_command(const std::string& path, const LogOptions& options) { return Dump(path, options).run(); }

}  // namespace statecast::host
