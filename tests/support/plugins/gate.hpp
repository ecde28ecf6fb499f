// Blocks a plugin for as long as a file of the test exists.
#pragma once

#include <sys/inotify.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace test_plugins {

// Waits for inotify's word, not for time to pass. A file that goes before it is watched is not there to wait for.
inline void wait_until_gone(const std::string& file) {
  const int watch = ::inotify_init1(IN_CLOEXEC);
  const bool watched = ::inotify_add_watch(watch, file.c_str(), IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF) >= 0;
  alignas(inotify_event) char events[4096];
  while (watched && std::filesystem::exists(file) && ::read(watch, events, sizeof events) > 0) {
  }
  ::close(watch);
}

}  // namespace test_plugins
