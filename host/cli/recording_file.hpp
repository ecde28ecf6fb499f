// The file of a recording: written beside its place, as <file>.partial, and moved there when it is whole, so that nobody
// takes a half one for the recording. "-" is standard output.
//
// Owned by the record command. [main]
#pragma once

#include <memory>
#include <string>

#include "host/cli/output.hpp"

namespace statecast::host {

class RecordingFile {
 public:
  // An error when the file is there already and may not be replaced, or cannot be written.
  static Result<std::unique_ptr<RecordingFile>> create(client::ClientLoop& loop, const std::string& path, bool replace);
  ~RecordingFile();
  RecordingFile(const RecordingFile&) = delete;
  RecordingFile& operator=(const RecordingFile&) = delete;

  // One event, without its line end. False when it cannot be written: error() says why, if it was an error.
  bool add(std::string_view line);
  const std::optional<Error>& error() const { return output_.error(); }

  // Writes what is still here, waits for the disk, and moves the file to its place.
  Result<void> finish();
  // Writes what is still here and leaves it where it is.
  void leave();

  std::uint64_t events() const { return events_; }
  // Where the lines are now: "events.ndjson.partial".
  const std::string& where() const { return where_; }

 private:
  RecordingFile(client::ClientLoop& loop, int descriptor, std::string path, std::string where);
  bool flush();

  const int descriptor_;
  const std::string path_;  // empty = standard output
  std::string where_;
  Output output_;
  std::string waiting_;
  std::uint64_t events_ = 0;
};

}  // namespace statecast::host
