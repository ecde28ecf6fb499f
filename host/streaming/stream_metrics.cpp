#include "host/streaming/stream_metrics.hpp"

#include <algorithm>

#include "host/streaming/lag.hpp"

namespace statecast::host {

namespace {

double number(std::uint64_t n) { return static_cast<double>(n); }
double seconds_since(std::int64_t then_ns, std::int64_t now_ns) { return then_ns == 0 ? 0 : static_cast<double>(now_ns - then_ns) / 1e9; }

// ---- sources

void show_appenders(const StreamService& service, Exposition& page, PluginMetrics& plugins) {
  auto& published = page.counter("statecast_events_published_total",
                                 "Events appended to a source by outcome: accepted, duplicate, refused (that one, by the source), failed (the whole append).");
  auto& batches = page.counter("statecast_append_batches_total", "Appends that the source made durable; publishers who wait share one.");
  auto& times = page.histogram("statecast_append_seconds", "From handing over a request to the end of its append.");
  auto& failing = page.gauge("statecast_append_failing", "1 when the last append failed.");
  for (const auto& appender : service.appenders()) {
    const std::string& source = appender->source().id();
    published.add({{"source", source}, {"outcome", "accepted"}}, number(appender->events()));
    published.add({{"source", source}, {"outcome", "duplicate"}}, number(appender->duplicates()));
    published.add({{"source", source}, {"outcome", "refused"}}, number(appender->refused()));
    published.add({{"source", source}, {"outcome", "failed"}}, number(appender->failed()));
    batches.add({{"source", source}}, number(appender->commits()));
    times.add({{"source", source}}, appender->times());
    failing.add({{"source", source}}, appender->last_failed_ns() != 0 ? 1 : 0);
    plugins.add(SC_KIND_SOURCE, appender->guard());
  }
}

void show_feeders(const StreamService& service, Exposition& page, Exposition::Family& failing, std::int64_t now_ns, PluginMetrics& plugins) {
  auto& fed = page.counter("statecast_fed_events_total", "Events of a source that are in the log it feeds, new or there before.");
  auto& duplicates = page.counter("statecast_fed_duplicates_total", "Those of them that were there before.");
  auto& refused = page.counter("statecast_fed_refused_total", "Events of a source that were left out: they are no events, or the log refused them.");
  for (const auto& feeder : service.feeders()) {
    const Exposition::Labels labels{{"source", feeder->source().id()}, {"into", feeder->target().source().id()}};
    fed.add(labels, number(feeder->fed()));
    duplicates.add(labels, number(feeder->duplicates()));
    refused.add(labels, number(feeder->refused()));
    failing.add({{"source", feeder->source().id()}}, seconds_since(feeder->failing_since_ns(), now_ns));
    plugins.add(feeder->source());
    plugins.add(SC_KIND_SOURCE, feeder->reader());
  }
}

void show_damage(const StreamService& service, Exposition& page) {
  auto& damaged = page.counter("statecast_source_damaged_events_total", "Events of a source that readers found damaged: states lack them.");
  for (const auto& feed : service.feeds()) damaged.add({{"source", feed->source().id()}}, number(feed->source().damaged().events()));
  for (const auto& feeder : service.feeders()) damaged.add({{"source", feeder->source().id()}}, number(feeder->source().damaged().events()));
}

void show_source(const Feed& feed, Exposition::Family& read, Exposition::Family& unconsumed, Exposition::Family& newest) {
  const std::string& source = feed.source().id();
  read.add({{"source", source}, {"reader", "tail"}}, number(feed.read_by_tail()));
  read.add({{"source", source}, {"reader", "catch_up"}}, number(feed.read_catching_up()));
  unconsumed.add({{"source", source}}, number(feed.unconsumed()));
  std::int64_t time_us = 0;
  for (const Progress::At& at : feed.newest()) time_us = std::max(time_us, at.time_us);
  if (time_us != 0) newest.add({{"source", source}}, static_cast<double>(time_us) / 1e6);
}

void show_sources(const StreamService& service, std::int64_t now_ns, Exposition& page, PluginMetrics& plugins) {
  auto& read = page.counter("statecast_events_read_total", "Events read from a source: once by its tail, and by lanes that catch up.");
  auto& unconsumed = page.counter("statecast_events_unconsumed_total", "Events that the tail read of a type that no state consumes.");
  auto& newest = page.gauge("statecast_source_newest_event_timestamp_seconds", "Event time of the newest event that the tail read.");
  auto& failing = page.gauge("statecast_source_failing_seconds", "For how long the source cannot be read, or its events not be fed; 0 while they can.");
  auto& behind = page.gauge("statecast_lanes_behind", "Lanes that are not on the source's live tail.");
  auto& replaying = page.gauge("statecast_lanes_replaying", "Lanes that have not reached the source's live tail since the start.");
  for (const auto& feed : service.feeds()) {
    const std::string& source = feed->source().id();
    show_source(*feed, read, unconsumed, newest);
    failing.add({{"source", source}}, seconds_since(feed->failing_since_ns(), now_ns));
    behind.add({{"source", source}}, number(feed->behind()));
    replaying.add({{"source", source}}, number(feed->replaying()));
    plugins.add(feed->source());
    feed->for_each_reader([&](const PluginGuard& guard) { plugins.add(SC_KIND_SOURCE, guard); });
  }
  show_feeders(service, page, failing, now_ns, plugins);
}

// ---- lanes

void show_states(const StreamService& service, Exposition& page) {
  auto& applied = page.counter("statecast_events_applied_total", "Events that a state folded.");
  auto& rejected = page.counter("statecast_events_rejected_total", "Events that a state rejected, or that it failed on.");
  auto& held = page.counter("statecast_events_held_total", "Events that a state put off because they came too early; each is applied or rejected later.");
  auto& keys = page.gauge("statecast_state_keys", "Keys that changed since the start.");
  auto& renders = page.counter("statecast_renders_total", "Renderings of a key for a view, for updates and snapshots.");
  auto& failures = page.counter("statecast_render_failures_total", "Renderings that failed or gave no JSON object.");
  auto& posted = page.counter("statecast_frames_posted_total", "Frames that lanes posted to shards.");
  for (const auto& state : service.states()) {
    LaneStatus sum;
    for (const Lane* lane : state.lanes) {
      const LaneStatus status = lane->status();
      sum.applied += status.applied;
      sum.rejected += status.rejected;
      sum.held += status.held;
      sum.keys += status.keys;
      sum.renders += status.renders;
      sum.render_failures += status.render_failures;
      sum.frames_posted += status.frames_posted;
    }
    const Exposition::Labels labels{{"state", state.settings.id}};
    applied.add(labels, number(sum.applied));
    rejected.add(labels, number(sum.rejected));
    held.add(labels, number(sum.held));
    keys.add(labels, number(sum.keys));
    renders.add(labels, number(sum.renders));
    failures.add(labels, number(sum.render_failures));
    posted.add(labels, number(sum.frames_posted));
  }
}

// What is kept of appended topics.
void show_histories(const StreamService& service, Exposition& page) {
  auto& bytes = page.gauge("statecast_history_bytes", "Messages of appended topics in memory, of limits.history_memory.");
  auto& topics = page.gauge("statecast_history_topics", "Appended topics of which messages are kept.");
  auto& evicted = page.counter("statecast_history_evicted_total", "Messages of appended topics that left memory and are read back from the store.");
  auto& dropped = page.counter("statecast_history_dropped_total", "Messages of appended topics that were dropped because of the memory.");
  auto& bytes_limit = page.gauge("statecast_history_bytes_limit", "The state's share of limits.history_memory.");
  auto& topics_limit = page.gauge("statecast_history_topics_limit", "The state's share of limits.history_topics.");
  auto& topics_dropped = page.counter("statecast_history_topics_dropped_total", "Appended topics that were forgotten because there were too many.");
  for (const auto& state : service.states()) {
    if (!state.appends()) continue;
    LaneStatus sum;
    sum.history_bounds.memory = sum.history_bounds.topics = 0;
    for (const Lane* lane : state.lanes) {
      const LaneStatus status = lane->status();
      sum.history_bounds.memory += status.history_bounds.memory;
      sum.history_bounds.topics += status.history_bounds.topics;
      sum.history.topics_dropped += status.history.topics_dropped;
      sum.history_bytes += status.history_bytes;
      sum.history_topics += status.history_topics;
      sum.history.evicted += status.history.evicted;
      sum.history.dropped += status.history.dropped;
    }
    const Exposition::Labels labels{{"state", state.settings.id}};
    bytes.add(labels, number(sum.history_bytes));
    topics.add(labels, number(sum.history_topics));
    evicted.add(labels, number(sum.history.evicted));
    dropped.add(labels, number(sum.history.dropped));
    bytes_limit.add(labels, number(sum.history_bounds.memory));
    topics_limit.add(labels, number(sum.history_bounds.topics));
    topics_dropped.add(labels, number(sum.history.topics_dropped));
  }
}

void show_lanes(const StreamService& service, const Clock& clock, Exposition& page, PluginMetrics& plugins) {
  auto& events = page.gauge("statecast_lag_events", "Events between the last that a lane folded and the newest of the source.");
  auto& seconds = page.gauge("statecast_lag_seconds", "Time since the last event that a lane folded happened; 0 when there is nothing newer.");
  auto& busy = page.gauge("statecast_lane_busy_seconds", "For how long a lane's turn has lasted; 0 between turns.");
  auto& degraded = page.gauge("statecast_lane_degraded", "1 when a lane hangs, or its breaker is not closed.");
  auto& breakers = page.gauge("statecast_breaker_state", "The circuit breaker of a lane's state: 0 closed, 1 half-open, 2 open.");
  for (const auto& state : service.states()) {
    for (const Lane* lane : state.lanes) {
      const LaneStatus status = lane->status();
      Exposition::Labels labels{{"state", state.settings.id}, {"partition", std::to_string(lane->partition())}};
      busy.add(labels, seconds_since(status.busy_since_ns, clock.mono_ns()));
      degraded.add(labels, service.degradation(state, *lane) ? 1 : 0);
      breakers.add(labels, static_cast<double>(lane->breaker().state()));
      labels.emplace_back("source", "");
      for (const Lag& lag : lags_of(status, service.feeds(), clock.now_us())) {
        labels.back().second = lag.source;
        if (lag.events) events.add(labels, number(*lag.events));
        if (lag.seconds) seconds.add(labels, *lag.seconds);
      }
      plugins.add(lane->state());
      lane->fanout().guards().for_each([&](const PluginGuard& guard) { plugins.add(SC_KIND_TRANSPORT, guard); });
    }
  }
}

void show_checkpoints(const StreamService& service, const Clock& clock, Exposition& page) {
  auto& letters = page.gauge("statecast_dead_letters", "Events that a lane's state rejected or failed at, and that wait for an operator.");
  auto& bytes = page.gauge("statecast_dead_letters_bytes", "What the dead letters of a lane take.");
  auto& dropped = page.counter("statecast_dead_letters_dropped_total", "Dead letters that were dropped because a lane had more than 10,000, or more than 64 MiB of them.");
  auto& made = page.counter("statecast_checkpoints_total", "Checkpoints of a lane that became durable.");
  auto& keys = page.counter("statecast_checkpoint_keys_total", "Keys saved with them.");
  auto& failures = page.counter("statecast_checkpoint_failures_total", "Checkpoints that could not be saved.");
  auto& failing = page.gauge("statecast_checkpoint_failing_seconds", "For how long a lane's checkpoints cannot be saved; 0 while they can.");
  auto& age = page.gauge("statecast_checkpoint_age_seconds", "Time since a lane's last checkpoint of this process.");
  if (!service.keeps()) return;
  const auto now_ns = clock.mono_ns();
  for (const auto& lane : service.lanes()) {
    const LaneStatus status = lane->status();
    const CheckpointStatus& saved = status.checkpoints;
    const Exposition::Labels labels{{"state", lane->id()}, {"partition", std::to_string(lane->partition())}};
    letters.add(labels, number(status.dead_letters));
    bytes.add(labels, number(status.dead_letter_bytes));
    dropped.add(labels, number(status.dead_letters_dropped));
    made.add(labels, number(saved.checkpoints));
    keys.add(labels, number(saved.keys));
    failures.add(labels, number(saved.failures));
    failing.add(labels, seconds_since(saved.failing_since_ns, now_ns));
    if (saved.saved_ns != 0) age.add(labels, seconds_since(saved.saved_ns, now_ns));
  }
}

void show_encodes(const StreamService& service, Exposition& page) {
  auto& encodes = page.counter("statecast_encodes_total", "Messages that lanes encoded, each once for all clients of its view and encoding.");
  for (std::size_t i = 0; i < service.encodings().size(); ++i) {
    const Encoding& encoding = service.encodings()[i];
    std::uint64_t sum = 0;
    for (const auto& lane : service.lanes()) sum += lane->fanout().encodes(i);
    const auto& name = encoding.transport->plugin().manifest.encodings[encoding.number].name;
    encodes.add({{"transport", encoding.transport->id()}, {"encoding", name}}, number(sum));
  }
}

void show_mailboxes(const StreamService& service, Exposition& page) {
  auto& waiting = page.gauge("statecast_mailbox_messages", "Messages waiting in the mailbox of a lane, a shard or an appender.");
  for (const auto& lane : service.lanes())
    waiting.add({{"mailbox", "lane"}, {"owner", service.lane_name(lane->number())}}, number(lane->status().waiting));
  for (std::size_t i = 0; i < service.shards(); ++i)
    waiting.add({{"mailbox", "shard"}, {"owner", std::to_string(i)}}, number(service.inbox(i).size()));
  for (const auto& appender : service.appenders())
    waiting.add({{"mailbox", "append"}, {"owner", appender->source().id()}}, number(appender->waiting()));
}

}  // namespace

void show_stream_metrics(const StreamService& service, const Clock& clock, Exposition& page, PluginMetrics& plugins) {
  show_appenders(service, page, plugins);
  show_sources(service, clock.mono_ns(), page, plugins);
  show_damage(service, page);
  show_states(service, page);
  show_histories(service, page);
  show_lanes(service, clock, page, plugins);
  show_checkpoints(service, clock, page);
  show_encodes(service, page);
  show_mailboxes(service, page);
  for (const auto& transport : service.transports()) plugins.add(*transport);
}

}  // namespace statecast::host
