#include "host/ops/log.hpp"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>

#include "host/ops/journal.hpp"
#include "host/ops/log_line.hpp"

namespace statecast::host::log {

namespace {

using Sink = std::shared_ptr<spdlog::sinks::sink>;

// How lines are written. A new one is made by each start() and none is freed: lines may come from threads that outlast
// main's own objects.
struct Style {
  Format format = Format::kText;
  std::vector<Secret> secrets;
  std::shared_ptr<spdlog::logger> direct;
};

Sink make_sink(Format format) {
  Sink sink = format == Format::kJournald ? make_journal_sink() : std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(
      std::make_unique<spdlog::pattern_formatter>(pattern_of(format), spdlog::pattern_time_type::utc));
  return sink;
}

Style* make_style(Format format, std::vector<Secret> secrets, const Sink& sink) {
  static auto* all = new std::vector<std::unique_ptr<Style>>;
  all->push_back(std::make_unique<Style>(
      Style{format, std::move(secrets), std::make_shared<spdlog::logger>("direct", sink)}));
  return all->back().get();
}

std::atomic<Style*>& style() {
  static std::atomic<Style*> in_use{make_style(Format::kText, {}, make_sink(Format::kText))};
  return in_use;
}

std::shared_ptr<spdlog::logger> background;
std::atomic<spdlog::logger*> current{nullptr};

constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                 spdlog::level::err};

spdlog::level::level_enum level_of(Level level) { return kLevels[static_cast<int>(level)]; }

spdlog::logger& logger() {
  auto* now = current.load(std::memory_order_acquire);
  return now != nullptr ? *now : *style().load(std::memory_order_acquire)->direct;
}

}  // namespace

Format format_of(std::string_view name) {
  if (name == "json") return Format::kJson;
  const bool journal = name == "journald" || (name == "auto" && is_journal_stream(STDERR_FILENO, std::getenv("JOURNAL_STREAM")));
  return journal ? Format::kJournald : Format::kText;
}

void start(Options options) {
  const bool no_journal = options.format == Format::kJournald && !journal_is_there();
  const Format format = no_journal ? Format::kText : options.format;
  const Sink sink = make_sink(format);
  Style* chosen = make_style(format, std::move(options.secrets), sink);
  chosen->direct->set_level(level_of(options.level));

  spdlog::init_thread_pool(kWaitingLines, 1);
  background = std::make_shared<spdlog::async_logger>("statecast", sink, spdlog::thread_pool(),
                                                      spdlog::async_overflow_policy::overrun_oldest);
  background->set_level(level_of(options.level));
  background->flush_on(spdlog::level::info);
  style().store(chosen, std::memory_order_release);
  current.store(background.get(), std::memory_order_release);
  if (no_journal) warning("log", "there is no journal on this machine, so the log is text on stderr");
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

void write(Level level, std::string_view component, std::string_view text, Fields fields) {
  if (!enabled(level)) return;
  Line line{std::string(component), without_secrets(std::string(text)), {}};
  for (const auto& [name, value] : fields)
    if (!value.empty()) line.fields.emplace_back(name, without_secrets(std::string(value)));
  const std::string written = payload(format(), line);
  logger().log(level_of(level), spdlog::string_view_t(written.data(), written.size()));
}

Format format() { return style().load(std::memory_order_acquire)->format; }

std::string without_secrets(std::string text) {
  return hidden(std::move(text), style().load(std::memory_order_acquire)->secrets);
}

}  // namespace statecast::host::log
