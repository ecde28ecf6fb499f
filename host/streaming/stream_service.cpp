#include "host/streaming/stream_service.hpp"

#include <algorithm>

namespace statecast::host {

namespace {

constexpr std::size_t kInbox = 1024;

InstanceOptions options_for(const std::string& id, const std::string& settings, const Clock& clock) {
  InstanceOptions options;
  options.id = id;
  options.settings = settings;
  options.clock = &clock;
  return options;
}

// Whether it has topics of which every message counts.
bool appends(const Plugin& plugin) { return std::ranges::any_of(plugin.manifest.topics, &Manifest::Topic::appended); }

// What a lane saves means this and nothing else.
FileIdentity identity_of(const Plugin& plugin, const StateSettings& settings, std::uint32_t partition) {
  FileIdentity identity{{"kind", std::string(kind_name(plugin.kind))},
                        {"ABI", std::to_string(SC_ABI_VERSION)},
                        {kPluginFact, plugin.id},
                        {kPartitionFact, std::to_string(partition + 1) + " of " + std::to_string(settings.partitions)}};
  add_settings(identity, settings.settings, plugin.manifest.settings_schema);
  if (!appends(plugin)) return identity;
  const StateSettings usual;
  const auto add_if_other = [&](const char* name, std::uint64_t value, std::uint64_t usually) {
    if (value != usually) identity[std::string(kSettingFact) + name] = std::to_string(value);
  };
  add_if_other("history", settings.history, usual.history);
  add_if_other("history_age", settings.history_age_ms, usual.history_age_ms);
  add_if_other("history_idle", settings.history_idle_ms, usual.history_idle_ms);
  return identity;
}

void add_source(FileIdentity& identity, const SourceInstance& source) {
  std::string& all = identity[kSourcesFact];
  all += (all.empty() ? "" : ", ") + source.id();
  identity[kHistoryFact + source.id()] = source.epoch() + " in " + std::to_string(source.partitions());
}

}  // namespace

Result<std::unique_ptr<StreamService>> StreamService::create(const Config& config, const PluginCatalog& catalog,
                                                             std::size_t shards, const Clock& clock) {
  std::unique_ptr<StreamService> service(new StreamService(shards, clock));
  if (auto made = service->make_sources(config, catalog); !made) return made.error();
  if (auto made = service->make_transports(config, catalog); !made) return made.error();
  if (auto opened = service->open_store(config); !opened) return opened.error();
  if (auto made = service->make_states(config, catalog); !made) return made.error();
  if (service->store_ != nullptr) service->store_->tell_unused();
  service->make_feeds(config);
  service->make_feeders(config);
  service->hand_over_tails();
  return service;
}

StreamService::StreamService(std::size_t shards, const Clock& clock) : clock_(clock), pages_(clock) {
  for (std::size_t i = 0; i < shards; ++i) inboxes_.push_back(std::make_unique<ShardInbox>(kInbox));
}

StreamService::~StreamService() = default;

Result<void> StreamService::make_sources(const Config& config, const PluginCatalog& catalog) {
  for (const SourceSettings& settings : config.sources) {
    const Plugin* plugin = catalog.find(SC_KIND_SOURCE, settings.type);
    auto made = SourceInstance::create(*plugin, options_for(settings.id, settings.settings, clock_));
    if (!made) return made.error();
    (*made)->number = static_cast<std::uint16_t>(sources_.size());
    sources_.push_back(std::move(*made));
  }
  return {};
}

Result<void> StreamService::make_transports(const Config& config, const PluginCatalog& catalog) {
  for (const TransportSettings& settings : config.transports) {
    const Plugin* plugin = catalog.find(SC_KIND_TRANSPORT, settings.type);
    auto made = TransportInstance::create(*plugin, options_for(settings.id, settings.settings, clock_));
    if (!made) return made.error();
    const auto first = static_cast<std::uint16_t>(encodings_.size());
    first_encoding_.push_back(first);
    const auto& encodings = plugin->manifest.encodings;
    for (std::uint32_t i = 0; i < encodings.size(); ++i)
      encodings_.push_back({made->get(), i, static_cast<std::uint16_t>(first + encodings[i].bare)});
    transports_.push_back(std::move(*made));
  }
  return {};
}

Result<void> StreamService::make_states(const Config& config, const PluginCatalog& catalog) {
  states_.reserve(config.states.size());
  for (const StateSettings& settings : config.states) {
    const Plugin* plugin = catalog.find(SC_KIND_STATE, settings.type);
    for (const auto& topic : plugin->manifest.topics) prefixes_.push_back({topic.prefix, states_.size(), topic});
    State& state = states_.emplace_back(State{settings, plugin, {}});
    if (auto made = make_lanes(state, config); !made) return made.error();
  }
  return {};
}

Result<void> StreamService::open_store(const Config& config) {
  if (config.store.path.empty()) return {};
  auto opened = Store::open(config.store);
  if (!opened) return opened.error();
  store_ = std::move(*opened);
  return {};
}

bool StreamService::State::appends() const { return host::appends(*plugin); }

// The memory for messages is shared by the lanes whose states append any.
HistoryBounds StreamService::history_bounds(const State& state, const Config& config) {
  HistoryBounds bounds;
  bounds.messages = state.settings.history;
  bounds.age_us = static_cast<std::int64_t>(state.settings.history_age_ms) * 1000;
  bounds.memory = config.limits.history_memory;
  bounds.idle_us = static_cast<std::int64_t>(state.settings.history_idle_ms) * 1000;
  bounds.topics = config.limits.history_topics;
  if (state.appends()) {
    const auto lanes = std::max<std::size_t>(1, config.states.size() * state.settings.partitions);
    bounds.memory /= lanes;
    bounds.topics = std::max<std::size_t>(1, bounds.topics / lanes);
  }
  return bounds;
}

Result<void> StreamService::make_lanes(State& state, const Config& config) {
  const std::uint32_t partitions = state.settings.partitions;
  for (std::uint32_t partition = 0; partition < partitions; ++partition) {
    const auto number = static_cast<std::uint16_t>(lanes_.size());
    auto options = options_for(state.settings.id, state.settings.settings, clock_);
    options.lane = partition;
    options.lanes = partitions;
    // The lane exists a moment after its instance: a wake before that has nothing to wake.
    auto awake = std::make_shared<std::atomic<Lane*>>(nullptr);
    options.wake = [awake] {
      if (Lane* lane = awake->load()) lane->wake();
    };
    auto made = StateInstance::create(*state.plugin, options);
    if (!made) return made.error();
    lane_names_.push_back(cursor_state(state.settings.id, partition, partitions));
    FileIdentity identity = identity_of(*state.plugin, state.settings, partition);
    for (const std::string& id : state.settings.sources) add_source(identity, *source(id));
    if (store_ != nullptr)
      if (auto file = store_->add_file(lane_names_.back(), std::move(identity)); !file) return file.error();
    lanes_.push_back(std::make_unique<Lane>(number, state.settings, partition, std::move(*made), positions_of(state.settings, partition),
                                            encodings_, inboxes(), clock_, history_bounds(state, config), store_.get(),
                                            std::chrono::milliseconds(config.store.every_ms)));
    if (store_ != nullptr) store_->add_lane(*lanes_.back());
    state.lanes.push_back(lanes_.back().get());
    awake->store(lanes_.back().get());
  }
  return {};
}

Positions StreamService::positions_of(const StateSettings& settings, std::uint32_t partition) const {
  std::vector<Positions::Slot> slots;
  for (const std::string& id : settings.sources) {
    const SourceInstance* from = source(id);
    for (std::uint32_t i = 0; i < from->partitions(); ++i) {
      Positions::Slot slot{from->number, from->epoch()};
      slot.position.partition = i;
      slot.id = id;
      slots.push_back(std::move(slot));
    }
  }
  return {cursor_state(settings.id, partition, settings.partitions), std::move(slots)};
}

void StreamService::make_feeds(const Config& config) {
  for (const SourceSettings& settings : config.sources) {
    if (!settings.into.empty()) continue;
    SourceInstance* from = source(settings.id);
    Router router;
    for (const State& state : states_)
      if (std::ranges::find(state.settings.sources, from->id()) != state.settings.sources.end())
        router.add_state(state.plugin->manifest.consumes, state.lanes);
    if (from->id() == config.server.publish) publish_router_ = router;
    feeds_.push_back(std::make_unique<Feed>(*from, std::move(router), clock_));
    if (from->id() != config.server.publish) continue;
    publish_feed_ = feeds_.back().get();
    publish_appender_ = &appender_of(from->id());
  }
}

void StreamService::make_feeders(const Config& config) {
  for (const SourceSettings& settings : config.sources)
    if (!settings.into.empty())
      feeders_.push_back(std::make_unique<Feeder>(*source(settings.id), appender_of(settings.into), clock_));
}

// A source to which only its appender adds needs no reader on its tail.
void StreamService::hand_over_tails() {
  for (auto& appender : appenders_) {
    const auto feed = std::ranges::find_if(feeds_, [&](const auto& f) { return &f->source() == &appender->source(); });
    if (feed != feeds_.end() && appender->source().plugin().manifest.exclusive) appender->hand_to(**feed);
  }
}

Appender& StreamService::appender_of(std::string_view id) {
  const auto found = std::ranges::find_if(appenders_, [&](const auto& appender) { return appender->source().id() == id; });
  if (found != appenders_.end()) return **found;
  const SourceInstance& into = *source(id);
  Appender& made = *appenders_.emplace_back(std::make_unique<Appender>(*source(id), inboxes()));
  made.acknowledge([this, &into] { return saved(into); });
  return made;
}

SourceInstance* StreamService::source(std::string_view id) const {
  const auto found = std::ranges::find_if(sources_, [&](const auto& s) { return s->id() == id; });
  return found == sources_.end() ? nullptr : found->get();
}

std::vector<ShardInbox*> StreamService::inboxes() const {
  std::vector<ShardInbox*> out;
  for (const auto& inbox : inboxes_) out.push_back(inbox.get());
  return out;
}

// What there is now, for each slot of the state's lanes: they answer clients when they have come to it.
std::vector<Position> StreamService::newest(const StateSettings& settings) const {
  std::vector<Position> out;
  for (const std::string& id : settings.sources) {
    const auto of_source = SourcePages::newest(*source(id));
    out.insert(out.end(), of_source.begin(), of_source.end());
  }
  return out;
}

std::vector<Position> StreamService::saved(const SourceInstance& source) const {
  std::vector<Position> out;
  for (const auto& lane : lanes_) {
    const LaneStatus status = lane->status();
    // Without a store nothing is saved, and nothing more is to be waited for than that the events were folded.
    for (const Progress::At& at : store_ != nullptr ? status.checkpoints.positions : status.positions) {
      if (at.source != source.number) continue;
      const Position position{at.hi, at.lo, at.partition, 0};
      if (out.size() <= at.partition) out.resize(at.partition + 1, Position{UINT64_MAX, UINT64_MAX, 0, 0});
      Position& least = out[at.partition];
      if (position.hi < least.hi || (position.hi == least.hi && position.lo < least.lo)) least = position;
    }
  }
  return out.empty() ? SourcePages::newest(source) : out;  // empty: no state reads it
}

void StreamService::start() {
  if (store_ != nullptr) store_->start();
  for (State& state : states_)
    for (Lane* lane : state.lanes) lane->start(newest(state.settings));
  for (auto& feed : feeds_) feed->start();
  for (auto& appender : appenders_) appender->start();
  for (auto& feeder : feeders_) feeder->start();
}

bool StreamService::stop(std::chrono::steady_clock::time_point deadline) {
  const auto stopped = [&](auto& part) { return part->stop(deadline); };
  if (!std::ranges::all_of(feeders_, stopped) || !std::ranges::all_of(appenders_, stopped)) return false;
  for (auto& lane : lanes_) lane->close();
  if (!std::ranges::all_of(feeds_, stopped)) return false;
  if (!std::ranges::all_of(lanes_, [&](auto& lane) { return lane->join_until(deadline); })) return false;
  if (store_ != nullptr && !store_->stop(deadline)) return false;
  return pages_.stop(deadline);
}

std::optional<StreamService::Place> StreamService::find(std::string_view topic) const {
  const auto slash = topic.find('/');
  if (slash == topic.npos || slash + 1 == topic.size()) return std::nullopt;
  const auto prefix = std::ranges::find(prefixes_, topic.substr(0, slash), &Prefix::name);
  if (prefix == prefixes_.end()) return std::nullopt;
  const auto name = topic.substr(slash + 1);
  const auto& manifest = prefix->manifest;
  Place place{static_cast<std::size_t>(prefix - prefixes_.begin()), manifest.appended,
              manifest.spans_all || std::ranges::find(manifest.spans, name) != manifest.spans.end(), {}};
  const auto& lanes = states_[prefix->state].lanes;
  if (place.spans) {
    for (const Lane* lane : lanes) place.lanes.push_back(lane->number());
  } else {
    place.lanes.push_back(lanes[partition_hash(name) % lanes.size()]->number());
  }
  return place;
}

std::vector<std::string> StreamService::not_ready() const {
  std::vector<std::string> reasons;
  for (const auto& feed : feeds_) {
    const std::string source = "source '" + feed->source().id() + "'";
    if (feed->failing_since_ns() != 0) reasons.push_back(source + " cannot be read");
    else if (!feed->caught_up()) reasons.push_back("states are still replaying " + source);
  }
  for (const auto& appender : appenders_)
    if (const auto fault = appender->fault()) reasons.push_back("source '" + appender->source().id() + "' takes no events: " + *fault);
  for (const State& state : states_)
    for (const Lane* lane : state.lanes)
      if (const auto degraded = degradation(state, *lane))
        reasons.push_back(sentence_of(*degraded, lane_title(state.settings, *state.plugin, lane->partition()), clock_.mono_ns(), clock_.now_us()));
  for (const State& state : states_)
    for (const Lane* lane : state.lanes)
      if (lane->status().checkpoints.failing_since_ns != 0)
        reasons.push_back(lane_title(state.settings, *state.plugin, lane->partition()) + ": its checkpoints are not saved; the log says why");
  return reasons;
}

std::vector<std::string> StreamService::damage() const {
  std::vector<std::string> out;
  for (const auto& source : sources_)
    if (std::string damage = source->damage(); !damage.empty()) out.push_back(std::move(damage));
  return out;
}

HealthWatch StreamService::health_watch() const {
  std::vector<WatchedLane> watched;
  for (const State& state : states_)
    for (const Lane* lane : state.lanes)
      watched.push_back({lane_title(state.settings, *state.plugin, lane->partition()), state.settings.hang_after_ms, state.settings.restart_on_hang});
  return {std::move(watched), inboxes()};
}

std::vector<LaneLook> StreamService::look_at_lanes() const {
  std::vector<LaneLook> looks;
  for (const auto& lane : lanes_) looks.push_back(look_at(*lane));
  return looks;
}

std::optional<Degradation> StreamService::degradation(const State& state, const Lane& lane) const {
  return degradation_of(look_at(lane), state.settings.hang_after_ms, clock_.mono_ns());
}

}  // namespace statecast::host
