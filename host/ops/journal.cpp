#include "host/ops/journal.hpp"

#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

#include "host/ops/log_line.hpp"

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

namespace statecast::host::log {
namespace {

constexpr const char* kSocket = "/run/systemd/journal/socket";  // where libsystemd writes to

int priority_of(spdlog::level::level_enum level) {
  if (level <= spdlog::level::debug) return LOG_DEBUG;
  if (level == spdlog::level::info) return LOG_INFO;
  return level == spdlog::level::warn ? LOG_WARNING : LOG_ERR;
}

iovec part_of(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

class JournalSink : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    const std::string priority = "PRIORITY=" + std::to_string(priority_of(line.level));
    std::vector<iovec> parts{part_of(priority), part_of("SYSLOG_IDENTIFIER=statecast")};
    for (const std::string_view field : journal_fields({line.payload.data(), line.payload.size()}))
      parts.push_back(part_of(field));
    if (::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) < 0) to_stderr(parts);
  }

  static void to_stderr(const std::vector<iovec>& parts) {
    std::string text;
    for (const iovec& part : parts) text.append(static_cast<const char*>(part.iov_base), part.iov_len).append(" ");
    std::ranges::replace(text, '\n', ' ');
    std::fprintf(stderr, "%s\n", text.c_str());
  }

  void flush_() override {}
};

}  // namespace

bool is_journal_stream(int fd, const char* journal_stream) {
  struct stat status {};
  if (!journal_stream || ::fstat(fd, &status) != 0) return false;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) == journal_stream;
}

bool journal_is_there() { return ::access(kSocket, W_OK) == 0; }

std::shared_ptr<spdlog::sinks::sink> make_journal_sink() { return std::make_shared<JournalSink>(); }

}  // namespace statecast::host::log
