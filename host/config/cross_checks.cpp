#include "host/config/cross_checks.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "host/config/words.hpp"

namespace statecast::host {
namespace {

using State = Declared<StateSettings>;
using Transport = Declared<TransportSettings>;
using Source = Declared<SourceSettings>;

const Source* source_named(const Instances& instances, const std::string& id) {
  const auto& all = instances.sources;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Source& s) { return s.settings.id == id; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> source_ids(const Instances& instances) {
  std::vector<std::string> ids;
  for (const Source& source : instances.sources) ids.push_back(source.settings.id);
  return ids;
}

// Null, once reported, unless there is such a source and it is enabled.
const Source* usable_source(const std::string& id, const Path& place, const Instances& instances, Report& report) {
  const Source* source = source_named(instances, id);
  if (!source) {
    const auto ids = source_ids(instances);
    Diagnostic& d = report.at_value(place, "unknown-source", "there is no source '" + id + "'");
    d.hint = did_you_mean(id, ids);
    d.notes.push_back("= sources: " + (ids.empty() ? "none" : joined(ids)));
    return nullptr;
  }
  if (source->enabled) return source;
  Diagnostic& d = report.at_value(place, "disabled-source", "the source '" + id + "' is disabled");
  d.notes.push_back("declared: " + report.where(source->path));
  d.fix = "remove its 'enabled: false', or name another source";
  return nullptr;
}

// A state reads only what is kept.
void check_is_kept(const Source& source, const Path& place, Report& report) {
  if (!source.plugin || !source.plugin->manifest.feeds) return;
  report.at_value(place, "not-kept", "the events of source '" + source.settings.id + "' are not kept").fix =
      source.settings.into.empty() ? "name the source that it feeds"
                                   : "name the source that it feeds, '" + source.settings.into + "'";
}

void check_into(const Source& source, const Instances& instances, Report& report) {
  const Path into = source.path / "into";
  if (!source.enabled || !source.plugin || !source.plugin->manifest.feeds || report.has_error_in(into)) return;
  if (source.settings.into.empty()) {
    report.at_key(source.path, "into", "the events of " + source.plugin->id + " " + source.plugin->version + " are not kept: it must feed a source that keeps them").fix =
        "add 'into: <id of the log>'";
    return;
  }
  const Source* target = usable_source(source.settings.into, into, instances, report);
  if (target && target->plugin && !target->plugin->manifest.appends)
    report.at_value(into, "into", "the source '" + source.settings.into + "' takes no events: its plugin '" + target->plugin->id + "' only reads")
        .fix = "name a source of another type, such as a log";
}

void check_sources(const State& state, const Instances& instances, const Document& document, Report& report) {
  const Path path = state.path / "sources";
  const auto& sources = state.settings.sources;
  if (sources.empty() && document.find(path) && !report.has_error_in(path))
    report.at_key(path, "unknown-source", "there must be a source to read").hint = "write [id of a source]";
  std::set<std::string> seen;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!seen.insert(sources[i]).second)
      report.at_value(path[i], "unknown-source", "the source '" + sources[i] + "' is named twice");
    else if (const Source* source = state.enabled ? usable_source(sources[i], path[i], instances, report) : nullptr)
      check_is_kept(*source, path[i], report);
    else if (!state.enabled && !source_named(instances, sources[i]))
      usable_source(sources[i], path[i], instances, report);
  }
}

void check_partitions(const State& state, Report& report) {
  if (state.settings.partitions == 1 || !state.plugin || state.plugin->manifest.partitionable) return;
  report
      .at_value(state.path / "partitions", "not-partitionable",
                state.plugin->id + " " + state.plugin->version + " can't be split into partitions")
      .fix = "write 'partitions: 1', or leave it out";
}

void check_prefixes(const Instances& instances, Report& report) {
  std::map<std::string, const State*> owners;
  for (const State& state : instances.states) {
    if (!state.enabled || !state.plugin) continue;
    for (const Manifest::Topic& topic : state.plugin->manifest.topics) {
      const auto [owner, is_new] = owners.emplace(topic.prefix, &state);
      if (is_new) continue;
      Diagnostic& d =
          report.at_key(state.path, "duplicate-prefix",
                        "offers the topics '" + topic.prefix + "/...', as " + owner->second->path.text() + " does");
      d.notes.push_back("first: " + report.where(owner->second->path));
      d.fix = "set 'enabled: false' on one of them";
    }
  }
}

std::string disabled_owner(const std::string& prefix, const Instances& instances) {
  for (const State& state : instances.states) {
    if (state.enabled || !state.plugin) continue;
    for (const Manifest::Topic& topic : state.plugin->manifest.topics)
      if (topic.prefix == prefix) return state.path.text();
  }
  return {};
}

void check_expose(const Transport& transport, const Instances& instances, const Document& document, Report& report) {
  const Path path = transport.path / "expose";
  const TransportSettings& settings = transport.settings;
  if (settings.expose_all || report.has_error_in(path)) return;
  const YamlNode* written = document.find(path);
  if (written && written->kind == YamlNode::Kind::text) {
    report
        .at_value(path, "wrong-type",
                  "expected 'all' or a list of topic prefixes, found the text '" + written->text + "'")
        .hint = "write [" + written->text + "]";
    return;
  }
  if (settings.expose.empty())
    report.at_value(path, "unknown-prefix", "exposes nothing").hint = "write all, or a list of topic prefixes";
  if (prefixes_unknown(instances)) return;
  const auto known = offered_prefixes(instances);
  for (std::size_t i = 0; i < settings.expose.size(); ++i) {
    const std::string& prefix = settings.expose[i];
    if (std::find(known.begin(), known.end(), prefix) != known.end()) continue;
    Diagnostic& d =
        report.at_value(path[i], "unknown-prefix", "no enabled state offers the topics '" + prefix + "/...'");
    d.hint = did_you_mean(prefix, known);
    d.notes.push_back("= prefixes: " + (known.empty() ? "none" : joined(known)));
    const std::string owner = disabled_owner(prefix, instances);
    if (!owner.empty()) d.notes.push_back(owner + " does, and is disabled");
  }
}

template <class Declarations>
bool none_enabled(const Declarations& all) {
  return std::none_of(all.begin(), all.end(), [](const auto& one) { return one.enabled; });
}

}  // namespace

std::vector<std::string> offered_prefixes(const Instances& instances) {
  std::vector<std::string> prefixes;
  for (const State& state : instances.states)
    if (state.enabled && state.plugin)
      for (const Manifest::Topic& topic : state.plugin->manifest.topics) prefixes.push_back(topic.prefix);
  return prefixes;
}

bool prefixes_unknown(const Instances& instances) {
  return std::any_of(instances.states.begin(), instances.states.end(),
                     [](const State& s) { return s.enabled && !s.plugin; });
}

void check_instances(const Instances& instances, const Document& document, Report& report) {
  for (const Source& source : instances.sources) check_into(source, instances, report);
  for (const State& state : instances.states) {
    check_sources(state, instances, document, report);
    check_partitions(state, report);
  }
  check_prefixes(instances, report);
  for (const Transport& transport : instances.transports)
    if (transport.enabled) check_expose(transport, instances, document, report);
  const Path states = Path() / "states", transports = Path() / "transports";
  if (none_enabled(instances.states) && !report.has_error_in(states))
    report.at_key(states, "nothing-to-serve", "no state is enabled").fix =
        "declare one under 'states', such as 'orders: { type: order, sources: [events] }'";
  if (none_enabled(instances.transports) && !report.has_error_in(transports))
    report.at_key(transports, "nothing-to-serve", "no transport is enabled").fix =
        "declare one under 'transports', such as 'sse: { type: sse }'";
}

std::string publish_target(const std::string& named, const Instances& instances, Report& report) {
  const Path path = Path() / "server" / "publish";
  if (named == "off") return {};
  if (named.empty()) {
    std::vector<std::string> able;
    for (const Source& source : instances.sources)
      if (source.enabled && source.plugin && source.plugin->manifest.appends) able.push_back(source.settings.id);
    return able.size() == 1 ? able.front() : std::string{};
  }
  const Source* source = usable_source(named, path, instances, report);
  if (source && source->plugin && !source->plugin->manifest.appends)
    report
        .at_value(path, "publish",
                  "the source '" + named + "' takes no events: its plugin '" + source->plugin->id + "' only reads")
        .fix = "name a source of another type, or write 'publish: off'";
  return named;
}

}  // namespace statecast::host
