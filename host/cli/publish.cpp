#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "host/cli/client_commands.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/output.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/publisher.hpp"

namespace statecast::host {

namespace {

Error not_read(const std::string& file) {
  return {file + ": cannot be read: " + std::generic_category().message(errno), "name a file that is there, or - for standard input"};
}

// The text of --data, or of the file that it names.
Result<std::string> data_of(const std::string& option) {
  if (!option.starts_with('@')) return {boost::system::in_place_value, option};
  const std::string name = option.substr(1);
  std::ifstream file(name == "-" ? "/dev/stdin" : name);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return not_read(name);
  return {boost::system::in_place_value, text.str()};
}

Result<EventLine> event_of(const PublishOptions& options) {
  auto data = data_of(options.data.empty() ? "{}" : options.data);
  if (!data) return data.error();
  if (!nlohmann::json::accept(*data))
    return Error{"--data is not valid JSON: " + data->substr(0, 80), R"(write one JSON value, for instance --data '{"status":"READY"}', or @file)"};
  const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); };
  std::string text = "{\"type\":" + quoted(options.type);
  if (!options.subject.empty()) text += ",\"subject\":" + quoted(options.subject);
  if (!options.id.empty()) text += ",\"id\":" + quoted(options.id);
  return event_line(0, on_one_line(text + ",\"data\":" + *data + "}"), random_tag());
}

std::string summary(const Publisher::Counts& counts, bool waited) {
  std::string out = counted(counts.published, "event") + " published";
  if (counts.known != 0) out += ", " + grouped(counts.known) + " of them known before";
  if (waited) out += ", " + grouped(counts.rejected) + " rejected";
  return out + "\n";
}

int finish(client::ClientLoop& loop, const Publisher& publisher, const PublishOptions& options, const Result<void>& result) {
  const auto& counts = publisher.counts();
  if (counts.published != 0 || result) std::cout << summary(counts, options.wait.count() != 0) << std::flush;
  if (counts.undecided != 0) print_notice("not every state has given its verdict in time: a longer --wait may bring it");
  if (!result) print_error(result.error());
  if (loop.ended()) return kExitInterrupted;
  return result && counts.rejected == 0 ? kExitOk : kExitFailed;
}

Publisher::Options publisher_options(const PublishOptions& options, std::function<std::string(std::size_t)> place, ProgressBar& progress) {
  Publisher::Options out;
  out.wait_s = static_cast<std::uint64_t>((options.wait.count() + 999) / 1000);
  out.timeout = options.timeout;
  out.place = std::move(place);
  out.notice = [&progress](const std::string& text) {
    progress.clear();
    print_notice(text);
  };
  return out;
}

// An open file, closed at the end; standard input stays open.
class Input {
 public:
  explicit Input(const std::string& name) : descriptor_(name == "-" ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Input() {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  int descriptor() const { return descriptor_; }
  // Bytes of a file; 0 when nobody knows.
  std::uint64_t size() const {
    struct stat status {};
    return ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  }

 private:
  const int descriptor_;
};

Result<void> publish_all(EventLines& lines, Publisher& publisher, ProgressBar& progress, std::uint64_t size) {
  while (true) {
    const auto batch = lines.next();
    if (!batch) return batch.error();
    if (batch->empty()) return {};
    if (auto published = publisher.publish(*batch); !published) return published;
    progress.show(size == 0 ? -1 : static_cast<double>(lines.bytes_read()) / static_cast<double>(size), counted(publisher.counts().published, "event"));
  }
}

int publish_file(client::ClientLoop& loop, client::HttpClient& client, const PublishOptions& options) {
  const Input input(options.file);
  if (input.descriptor() < 0) {
    print_error(not_read(options.file));
    return kExitFailed;
  }
  ProgressBar progress;
  EventLines lines(loop, input.descriptor(), options.file == "-" ? "standard input" : options.file, options.from_line);
  Publisher publisher(loop, client, publisher_options(options, [&lines](std::size_t line) { return lines.place(line); }, progress));
  const auto result = publish_all(lines, publisher, progress, input.size());
  progress.clear();
  return finish(loop, publisher, options, result);
}

int publish_one(client::ClientLoop& loop, client::HttpClient& client, const PublishOptions& options) {
  const auto event = event_of(options);
  if (!event) {
    print_error(event.error());
    return kExitUsage;
  }
  ProgressBar progress;
  Publisher publisher(loop, client, publisher_options(options, [](std::size_t) { return std::string("the event"); }, progress));
  return finish(loop, publisher, options, publisher.publish({&*event, 1}));
}

}  // namespace

int publish_command(const PublishOptions& options) {
  const auto url = client::parse_url(options.server.url, "--url");
  if (!url) {
    print_error(url.error());
    return kExitUsage;
  }
  client::ClientLoop loop;
  client::HttpClient client(loop, *url, options.server.token);
  return options.file.empty() ? publish_one(loop, client, options) : publish_file(loop, client, options);
}

}  // namespace statecast::host
