// Records what a source of a running host holds: page after page from its admin listener, until the newest event of the
// beginning, or on with what is still to come.
//
// Owned by the record command. [main]
#pragma once

#include <functional>

#include "host/cli/client/backoff.hpp"
#include "host/cli/client/http_client.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/recording_file.hpp"

namespace statecast::host {

class SourceRecording {
 public:
  struct Options {
    std::string source;
    std::vector<std::string> types;  // empty = all
    bool follow = false;
    std::uint64_t events = 0;        // 0 = without end
  };

  SourceRecording(client::ClientLoop& loop, client::HttpClient& client, Options options, RecordingFile& file)
      : loop_(loop), client_(client), options_(std::move(options)), file_(file) {}

  // Until there is no more, or the command is to end: true when it has all that was asked for.
  Result<bool> run();

 private:
  // False when the recording has all that was asked for, or cannot be written.
  bool take(std::string_view lines);
  bool is_wanted(std::string_view line) const;
  Result<client::Response> page(const std::string& target);

  client::ClientLoop& loop_;
  client::HttpClient& client_;
  const Options options_;
  RecordingFile& file_;
  ProgressBar progress_;
  client::Backoff backoff_;
  bool reached_ = false;  // the host, at least once
};

}  // namespace statecast::host
