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
class Dump : log::Visitor {
 public:
  Dump(const std::string& path, const LogOptions& options)
      : inspection_(path), type_(options.type), facts_(inspection_.facts()), output_(loop_, STDOUT_FILENO, "standard output") {
    loop_.watch_output(STDOUT_FILENO);
    first_ = options.from != 0 ? options.from : std::max<std::uint64_t>(facts_.oldest, 1);
    last_ = options.to != 0 ? std::min(options.to, facts_.newest) : facts_.newest;
  }

  int run() {
    for (std::uint64_t at = first_; at <= last_;) {
      at = inspection_.read(at, last_, *this);
      if (!write()) return give_up();
      progress_.show(static_cast<double>(at - first_) / static_cast<double>(last_ - first_ + 1), counted(events_, "event"));
    }
    progress_.clear();
    return whole_ ? kExitOk : kExitFailed;
  }

 private:
  void event(const Event& event, bool) override {
    if (!type_.empty() && event.type != type_) return;
    lines_.append(cloud_event_line(detail::to_abi(event))).append(1, '\n');
    ++events_;
  }

  void damaged(std::uint64_t first, std::uint64_t last, std::string_view why) override {
    note_lacking((first == last ? "event " + std::to_string(first) : numbers(first, last)) + " cannot be given: " + std::string(why));
  }

  void missing(std::uint64_t first, std::uint64_t last) override {
    note_lacking(numbers(first, last) + " are not in the log (any more)");
  }

  static std::string numbers(std::uint64_t first, std::uint64_t last) {
    return "events " + std::to_string(first) + " to " + std::to_string(last);
  }

  void note_lacking(const std::string& what) {
    progress_.clear();
    print_notice(what);
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
  std::uint64_t first_ = 0, last_ = 0;  // numbers
  std::uint64_t events_ = 0;
  bool whole_ = true;
};

}  // namespace

int log_dump_command(const std::string& path, const LogOptions& options) { return Dump(path, options).run(); }

}  // namespace statecast::host
