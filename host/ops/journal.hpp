// systemd's journal: whether stderr is connected to it, and a spdlog sink that writes to it by its own protocol.
#pragma once

#include <spdlog/sinks/sink.h>

#include <memory>
#include <string_view>

namespace statecast::host::log {

// Whether the file descriptor is the stream that $JOURNAL_STREAM names, "<device>:<inode>" (systemd.exec(5)).
bool is_journal_stream(int fd, const char* journal_stream);

// Whether there is a journal on this machine. To one that is not there libsystemd writes in silence.
bool journal_is_there();

// Takes payloads for the journal (log_line.hpp). What the journal does not take goes to stderr as it is.
std::shared_ptr<spdlog::sinks::sink> make_journal_sink();

}  // namespace statecast::host::log
