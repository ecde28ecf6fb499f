#include "host/ops/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <string>

namespace statecast::host::log {

namespace {

constexpr std::size_t kWaitingLines = 8192;
constexpr const char* kPattern = "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v";

// Both live for the whole process: lines may come from threads that outlast main's own objects.
std::shared_ptr<spdlog::logger> make_direct() {
  auto logger = std::make_shared<spdlog::logger>("direct", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern(kPattern, spdlog::pattern_time_type::utc);
  return logger;
}

spdlog::logger& direct() {
  static const auto* logger = new std::shared_ptr<spdlog::logger>(make_direct());
  return **logger;
}

std::shared_ptr<spdlog::logger> background;
std::atomic<spdlog::logger*> current{nullptr};

constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                 spdlog::level::err};

spdlog::level::level_enum level_of(Level level) { return kLevels[static_cast<int>(level)]; }

spdlog::logger& logger() {
  auto* now = current.load(std::memory_order_acquire);
  return now != nullptr ? *now : direct();
}

// A line break or a control character from outside must not forge a line of the log.
std::string one_line(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return out;
}

}  // namespace

void start(Level level) {
  spdlog::init_thread_pool(kWaitingLines, 1);
  background = std::make_shared<spdlog::async_logger>("statecast", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                                      spdlog::thread_pool(), spdlog::async_overflow_policy::overrun_oldest);
  background->set_pattern(kPattern, spdlog::pattern_time_type::utc);
  background->set_level(level_of(level));
  background->flush_on(spdlog::level::info);
  direct().set_level(level_of(level));
  current.store(background.get(), std::memory_order_release);
}

void stop() {
  current.store(nullptr, std::memory_order_release);
  background.reset();
  spdlog::shutdown();
}

std::uint64_t dropped() {
  const auto pool = spdlog::thread_pool();
  return pool ? pool->overrun_counter() : 0;
}

bool enabled(Level level) { return logger().should_log(level_of(level)); }

void write(Level level, std::string_view component, std::string_view text) {
  spdlog::logger& to = logger();
  if (to.should_log(level_of(level))) to.log(level_of(level), "{}: {}", component, one_line(text));
}

}  // namespace statecast::host::log
