#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "host/cli/client/subscription.hpp"
#include "host/cli/client_commands.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/event_lines.hpp"
#include "host/cli/source_recording.hpp"
#include "host/streaming/cloud_event_line.hpp"

namespace statecast::host {

namespace {

using client::ClientLoop;
using client::Subscription;

constexpr const char* kMessageType = "statecast.message";

std::int64_t now_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string joined(const std::vector<std::string>& topics) {
  std::string out;
  for (const std::string& topic : topics) out += (out.empty() ? "" : ",") + topic;
  return out;
}

// Each message of a subscription as an event of its own. Its id is no cursor: a cursor may stand on two messages.
class MessageRecording final : public Subscription::Listener {
 public:
  MessageRecording(RecordingFile& file, const RecordOptions& options) : file_(file), options_(options), subject_(joined(options.topics)) {}

  bool on_message(std::string_view json) override {
    const std::string id = run_ + "-" + std::to_string(file_.events() + 1);
    sc_event event{};
    event.size = sizeof event;
    event.time_us = now_us();
    event.id = str(id);
    event.source = str(options_.server.url);
    event.type = str(kMessageType);
    event.subject = str(subject_);
    event.data = str(json);
    const bool written = file_.add(cloud_event_line(event));
    progress_.show(-1, counted(file_.events(), "message"));
    return written && file_.events() != options_.events;
  }
  void on_notice(const std::string& text) override {
    progress_.clear();
    print_notice(text);
  }

 private:
  RecordingFile& file_;
  const RecordOptions& options_;
  const std::string subject_, run_ = random_tag();
  ProgressBar progress_;
};

Result<bool> record_topics(ClientLoop& loop, client::HttpClient& client, const RecordOptions& options, RecordingFile& file) {
  MessageRecording recording(file, options);
  Subscription subscription(loop, client, {options.topics, {}, std::chrono::seconds(60)}, recording);
  const auto outcome = subscription.run();
  if (!outcome) return outcome.error();
  return true;  // it lasts until somebody ends it
}

Result<bool> record_source(ClientLoop& loop, client::HttpClient& client, const RecordOptions& options, RecordingFile& file) {
  SourceRecording recording(loop, client, {options.source, options.types, options.follow, options.events}, file);
  auto whole = recording.run();
  // What is followed, or for a time, has no other end.
  if (whole && loop.ended() && (options.follow || loop.end() == ClientLoop::End::kTimeUp)) return true;
  return whole;
}

std::string kept(const RecordingFile& file) {
  return counted(file.events(), "event") + (file.events() == 1 ? " is in " : " are in ") + file.where();
}

int fail(RecordingFile& file, const Error& error) {
  file.leave();
  print_error(error);
  if (file.events() != 0) print_notice(kept(file));
  return kExitFailed;
}

int finish(ClientLoop& loop, RecordingFile& file, const RecordOptions& options, const Result<bool>& whole) {
  if (!whole) return fail(file, whole.error());
  if (file.error()) return fail(file, *file.error());
  if (loop.end() == ClientLoop::End::kNobodyReads) return kExitOk;
  if (!*whole) {
    file.leave();
    print_notice("interrupted: " + kept(file));
    return kExitInterrupted;
  }
  if (auto finished = file.finish(); !finished) return fail(file, finished.error());
  print_notice("recorded " + counted(file.events(), options.source.empty() ? "message" : "event") + " to " + file.where());
  return kExitOk;
}

}  // namespace

int record_command(const RecordOptions& options) {
  const bool of_source = !options.source.empty();
  const auto url = of_source ? client::parse_url(options.admin, "--admin") : client::parse_url(options.server.url, "--url");
  if (!url) {
    print_error(url.error());
    return kExitUsage;
  }
  ClientLoop loop;
  auto file = RecordingFile::create(loop, options.file, options.replace);
  if (!file) {
    print_error(file.error());
    return kExitFailed;
  }
  if (options.file == "-") loop.watch_output(STDOUT_FILENO);
  if (options.duration.count() != 0) loop.end_at(client::after(options.duration));
  client::HttpClient client(loop, *url, of_source ? std::string() : options.server.token);
  const auto whole = of_source ? record_source(loop, client, options, **file) : record_topics(loop, client, options, **file);
  return finish(loop, **file, options, whole);
}

}  // namespace statecast::host
