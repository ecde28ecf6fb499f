#include <iostream>
#include <statecast/detail/events.hpp>

#include "host/cli/client/client_loop.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/log_commands.hpp"
#include "host/cli/progress.hpp"
#include "host/streaming/feeder.hpp"
#include "plugin-api/include/statecast/shown_text.hpp"
#include "plugins/sources/log/verification.hpp"

namespace statecast::host {

namespace {

// How much of the work is done with the structure, which comes first and does not say how far it is.
double done(const log::Verification& verification) {
  const auto all = static_cast<double>(verification.last() - verification.first() + 1);
  return static_cast<double>(verification.next() - verification.first()) / all;
}

}  // namespace

int log_verify_command(const std::string& path) {
  client::ClientLoop loop;
  ProgressBar progress;
  log::Inspection inspection(path);
  std::uint64_t problems = 0;
  const auto go_on = [&] {
    loop.look_around();
    return !loop.ended();
  };
  const auto tell = [&](const std::string& problem) {
    progress.clear();
    std::cout << path << ": " << as_one_line(problem) << std::endl;
    ++problems;
  };
  log::Verification verification(inspection, [](const Event& event) { return fault_of(detail::to_abi(event)); }, tell);
  verification.check_structure([&] {
    progress.show(-1, "looking at the pages of " + path);
    return go_on();
  });
  while (go_on() && verification.step()) progress.show(done(verification), counted(verification.events(), "event"));
  progress.clear();
  if (loop.ended()) return kExitInterrupted;
  std::cout << path << ": " << (problems == 0 ? "ok" : counted(problems, "problem")) << ", " << counted(verification.events(), "event");
  if (verification.unchecked() != 0)
    std::cout << " (" << grouped(verification.unchecked()) << " of them from before events had checksums)";
  std::cout << "\n";
  return problems == 0 ? kExitOk : kExitFailed;
}

}  // namespace statecast::host
