#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "host/cli/client/client_loop.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/log_commands.hpp"
#include "host/cli/output.hpp"
#include "host/cli/progress.hpp"
#include "host/streaming/cloud_event_line.hpp"
#include "plugin-api/include/statecast/shown_text.hpp"
#include "plugins/sources/log/inspection.hpp"

namespace statecast::host {

namespace {

using log::Inspection;
using nlohmann::ordered_json;

struct Stats {
  Inspection::Facts facts;
  std::map<std::string, std::uint64_t> types;
  std::uint64_t events = 0;
};

// False when the command was ended before all events were counted.
bool count(client::ClientLoop& loop, Inspection& inspection, Stats& stats) {
  ProgressBar progress;
  const auto [first, last] = std::pair(stats.facts.oldest, stats.facts.newest);
  if (last == 0) return true;
  for (std::uint64_t next = first; next <= last; next += Inspection::kPiece) {
    for (const auto& [type, n] : inspection.types(next, last)) {
      stats.types[type] += n;
      stats.events += n;
    }
    progress.show(static_cast<double>(next - first) / static_cast<double>(last - first + 1), counted(stats.events, "event"));
    loop.look_around();
    if (loop.ended()) return false;
  }
  return true;
}

// 20.3 MiB
std::string size(std::uint64_t bytes) {
  constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  double number = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; number >= 1024 && unit + 1 < kUnits.size(); ++unit) number /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f ", unit == 0 ? 0 : 1, number);
  return std::string(text.data()) + kUnits[unit];
}

void print_line(const std::string& name, const std::string& text) { std::cout << std::left << std::setw(9) << name << text << "\n"; }

void print_types(const Stats& stats) {
  std::vector<std::pair<std::string, std::uint64_t>> types;
  for (const auto& [type, n] : stats.types) types.emplace_back(as_one_line(type), n);
  std::ranges::stable_sort(types, std::greater{}, &std::pair<std::string, std::uint64_t>::second);
  std::size_t longest = 0;
  for (const auto& [type, n] : types) longest = std::max(longest, type.size());
  for (const auto& [type, n] : types)
    std::cout << std::left << std::setw(9) << (type == types.front().first ? "types" : "") << std::setw(static_cast<int>(longest)) << type
              << "  " << std::right << std::setw(12) << grouped(n) << "\n";
}

void print_text(const std::string& path, const Stats& stats) {
  const auto& facts = stats.facts;
  print_line("log", path);
  print_line("epoch", facts.epoch + ", schema " + std::to_string(facts.schema));
  print_line("events", grouped(stats.events));
  if (facts.newest != 0) {
    print_line("oldest", "number " + std::to_string(facts.oldest) + ", of " + format_rfc3339(facts.oldest_us));
    print_line("newest", "number " + std::to_string(facts.newest) + ", of " + format_rfc3339(facts.newest_us));
  }
  print_line("file", size(facts.file_bytes) + "; with the journal's, " + size(facts.used_bytes) + " in use and " + size(facts.free_bytes) + " free");
  print_line("journal", size(facts.journal_bytes));
  print_types(stats);
}

ordered_json edge(std::uint64_t number, std::int64_t time_us) {
  if (number == 0) return nullptr;
  return {{"number", number}, {"time", format_rfc3339(time_us)}};
}

void print_json(const std::string& path, const Stats& stats) {
  const auto& facts = stats.facts;
  ordered_json out{{"path", path}, {"epoch", facts.epoch}, {"schema", facts.schema}, {"events", stats.events}};
  out["oldest"] = edge(facts.oldest, facts.oldest_us);
  out["newest"] = edge(facts.newest, facts.newest_us);
  out["file_bytes"] = facts.file_bytes;
  out["used_bytes"] = facts.used_bytes;
  out["free_bytes"] = facts.free_bytes;
  out["journal_bytes"] = facts.journal_bytes;
  out["types"] = stats.types;
  std::cout << out.dump(2, ' ', false, ordered_json::error_handler_t::replace) << "\n";
}

}  // namespace

int log_stats_command(const std::string& path, const LogOptions& options) {
  client::ClientLoop loop;
  Inspection inspection(path);
  Stats stats{inspection.facts(), {}, 0};
  if (!count(loop, inspection, stats)) return kExitInterrupted;
  options.format == "json" ? print_json(path, stats) : print_text(path, stats);
  return kExitOk;
}

}  // namespace statecast::host
