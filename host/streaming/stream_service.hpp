// Owns the states and everything between a source and the shards: source, transport and state instances, lanes, feeds,
// appenders and feeders. Built from the configuration by main, started and stopped by main; shards ask it where a topic lives.
//
// After create() its structure never changes, so lookups are [any]; start and stop are [main].
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/config/settings.hpp"
#include "host/streaming/appender.hpp"
#include "host/streaming/feed.hpp"
#include "host/streaming/feeder.hpp"
#include "host/streaming/health_watch.hpp"
#include "host/streaming/source_pages.hpp"
#include "host/streaming/store.hpp"

namespace statecast::host {

class StreamService {
 public:
  static Result<std::unique_ptr<StreamService>> create(const Config& config, const PluginCatalog& catalog,
                                                       std::size_t shards, const Clock& clock = system_clock());
  ~StreamService();

  void start();
  // Ends feeders, appenders, feeds, lanes and pages. False when one did not end before the deadline: a plugin hangs, and the
  // process must end without destroying anything.
  bool stop(std::chrono::steady_clock::time_point deadline);

  // ---- where a topic lives
  struct Prefix {
    std::string name;         // "orders"
    std::size_t state;        // place in states()
    Manifest::Topic manifest;
  };
  struct Place {
    std::size_t prefix;                // place in prefixes()
    bool appended;
    bool spans;                        // the topic names many keys, over all partitions
    std::vector<std::uint16_t> lanes;  // numbers of the lanes that it lives on
  };
  // Nothing when no state has the prefix, or the name is empty.
  std::optional<Place> find(std::string_view topic) const;
  const std::vector<Prefix>& prefixes() const { return prefixes_; }

  struct State {
    StateSettings settings;
    const Plugin* plugin;
    std::vector<Lane*> lanes;
    bool appends() const;  // whether it has topics of which every message counts
  };
  const std::vector<State>& states() const { return states_; }
  Lane& lane(std::uint16_t number) { return *lanes_[number]; }
  const std::vector<std::unique_ptr<Lane>>& lanes() const { return lanes_; }
  // "orders:1:4", as in a cursor.
  const std::string& lane_name(std::uint16_t number) const { return lane_names_[number]; }

  // The lanes that fold events of the publishing source, by event.
  template <class Take>
  void consumers_of(const sc_event& event, Take&& take) const {
    if (publish_feed_ != nullptr) publish_router_.route(event, [&](std::size_t place) { take(*publish_router_.lanes()[place]); });
  }

  const std::vector<std::unique_ptr<TransportInstance>>& transports() const { return transports_; }
  const std::vector<Encoding>& encodings() const { return encodings_; }
  // The host-wide number of a transport's first encoding; the others follow.
  std::uint16_t first_encoding(std::size_t transport) const { return first_encoding_[transport]; }
  std::size_t shards() const { return inboxes_.size(); }
  ShardInbox& inbox(std::size_t shard) { return *inboxes_[shard]; }
  const ShardInbox& inbox(std::size_t shard) const { return *inboxes_[shard]; }
  Appender* appender() { return publish_appender_; }  // null = publishing is off
  const std::vector<std::unique_ptr<Appender>>& appenders() const { return appenders_; }
  const std::vector<std::unique_ptr<Feed>>& feeds() const { return feeds_; }
  const std::vector<std::unique_ptr<Feeder>>& feeders() const { return feeders_; }

  // ---- events as the sources hold them
  SourceInstance* source(std::string_view id) const;  // null = there is none of this id
  SourcePages& pages() { return pages_; }

  // What everything here goes by. [any]
  const Clock& clock() const { return clock_; }

  // ---- what is kept over a restart
  Store* store() { return store_.get(); }  // null = nothing is
  bool keeps() const { return store_ != nullptr; }
  // Up to where every state that reads the source has saved it, by partition; without a store: has folded it. [any]
  std::vector<Position> saved(const SourceInstance& source) const;

  // Why this instance is not ready; empty when it is. [any]
  std::vector<std::string> not_ready() const;
  // What clients lack though it is ready: events of the sources that are damaged, each source a sentence. [any]
  std::vector<std::string> damage() const;

  // ---- health of the lanes
  HealthWatch health_watch() const;
  std::vector<LaneLook> look_at_lanes() const;  // [any]
  // Nothing = the lane is well. [any]
  std::optional<Degradation> degradation(const State& state, const Lane& lane) const;

 private:
  StreamService(std::size_t shards, const Clock& clock);
  Result<void> make_sources(const Config& config, const PluginCatalog& catalog);
  Result<void> make_transports(const Config& config, const PluginCatalog& catalog);
  Result<void> make_states(const Config& config, const PluginCatalog& catalog);
  Result<void> make_lanes(State& state, const Config& config);
  Result<void> open_store(const Config& config);
  static HistoryBounds history_bounds(const State& state, const Config& config);
  std::vector<Position> newest(const StateSettings& settings) const;
  void make_feeds(const Config& config);
  void make_feeders(const Config& config);
  void hand_over_tails();
  Appender& appender_of(std::string_view source);
  Positions positions_of(const StateSettings& settings, std::uint32_t partition) const;
  std::vector<ShardInbox*> inboxes() const;

  const Clock& clock_;
  std::vector<std::unique_ptr<ShardInbox>> inboxes_;
  std::vector<std::unique_ptr<SourceInstance>> sources_;
  std::vector<std::unique_ptr<TransportInstance>> transports_;
  std::vector<Encoding> encodings_;
  std::vector<std::uint16_t> first_encoding_;
  std::vector<State> states_;
  std::vector<Prefix> prefixes_;
  std::unique_ptr<Store> store_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::string> lane_names_;
  std::vector<std::unique_ptr<Feed>> feeds_;
  Router publish_router_;
  const Feed* publish_feed_ = nullptr;
  std::vector<std::unique_ptr<Appender>> appenders_;  // one for each source that is published to, or fed
  Appender* publish_appender_ = nullptr;
  std::vector<std::unique_ptr<Feeder>> feeders_;
  SourcePages pages_;
};

}  // namespace statecast::host
