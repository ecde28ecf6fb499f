// The streaming clients of one shard, from the request that opens a stream to the clean-up after it: admission, snapshot,
// delivery, commands, heartbeats, closing. Sockets are bare descriptors in an epoll set of the shard's own.
//
//   streams.cpp           the life of a client: open, admit, close
//   streams_topics.cpp    the topics of a session: entering, leaving
//   streams_commands.cpp  what it asks meanwhile: subscribe, unsubscribe, publish, renew
//   streams_delivery.cpp  what lanes post: commits, pages, changes, cursors
//   streams_slow.cpp      what is dropped for a client that is too slow, and brought once it has taken the rest
//   streams_health.cpp    what is told, and refused, while a state is degraded
//   streams_io.cpp        bytes in and out, time
//
// Owned by its Shard. [shard]
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/serving/flush_window.hpp"
#include "host/serving/http_connection.hpp"
#include "host/serving/send_batch.hpp"
#include "host/serving/session_log.hpp"
#include "host/serving/session_table.hpp"
#include "host/serving/session_topics.hpp"
#include "host/serving/shard_context.hpp"
#include "host/serving/subscription_table.hpp"

namespace statecast::host {

// What StreamController made of a request.
struct StreamPlan {
  std::uint16_t transport = 0;
  std::vector<std::string> topics;
  std::string cursor;
  Identity who;
};

// Takes an event that a session publishes; answers by Streams::on_published.
class SessionPublisher {
 public:
  virtual ~SessionPublisher() = default;
  virtual void publish(const SessionRef& session, std::uint64_t ref, std::string_view cloud_event_json) = 0;
};

class Streams {
 public:
  Streams(ShardContext& context, SessionPublisher& publisher);
  ~Streams();
  // Before anything else, on the shard's thread: what is done here for clients is from now on done by it.
  void begin();

  // ---- the life of a client
  void open(std::shared_ptr<HttpConnection> connection, const HttpRequest& request, StreamPlan plan);
  void on_published(const SessionRef& session, std::uint64_t ref, sc_status status, std::string_view json);
  void close_all();  // the host stops
  void clear();      // ends every session at once
  std::size_t size() const { return sessions_.taken(); }
  const TransportGuards& guards() const { return guards_; }

  // ---- what lanes post
  void on(LaneBatch& batch);
  void on(const LaneHealth& health);  // once the context knows it
  // Ends every session that listens to the lane: it comes back with its cursor, and misses nothing.
  void lose(std::uint16_t lane);

  // ---- bytes and time
  int descriptor() const { return epoll_; }  // readable when a session's socket is
  void on_ready();
  void flush();      // after each round of messages: cursors, then one write for each client concerned
  void on_tick();

  static constexpr std::int64_t kTickMs = 250;

 private:
  struct AdmittedTopic {
    std::string name;
    StreamService::Place place;
    std::string view;
    Resume resume = Resume::kFresh;  // of all its lanes, the worst
  };
  // A request or a subscribe command that waits for the verdicts of its lanes.
  struct Admission {
    SessionRef session;
    std::shared_ptr<HttpConnection> connection;  // null = a command
    Ref<RequestContext> context;
    bool head_only = false;
    std::uint64_t ref = 0;
    std::string cursor;
    std::vector<AdmittedTopic> topics;
    std::vector<std::uint16_t> waiting;  // lanes
    bool resumed = false;
    bool finished = true;  // every topic has ended, and the client has all of it
    sc_status status = SC_OK;
    std::string reason;
    unsigned retry_after_s = 1;
    std::int64_t deadline_ms = 0;
  };
  struct Command {
    enum class Kind { kSubscribe, kUnsubscribe, kPublish, kRenew, kPong, kClose } kind;
    std::uint64_t ref = 0;
    std::string text, cursor;
  };
  struct Commands {
    Commands();
    sc_commands table{};
    std::vector<Command> taken;
  };

  // streams.cpp
  // Runs work(); what is thrown in it ends the session that has this slot.
  template <class Work>
  void guarded(std::uint32_t slot, Work&& work) {
    const SessionRef ref = ref_of(slot);
    if (!context_.turns(work)) on_thrown(ref);
  }
  void on_thrown(const SessionRef& ref);
  void open(std::uint32_t slot, std::shared_ptr<HttpConnection> connection, const HttpRequest& request, StreamPlan plan);
  Session* find(const SessionRef& ref);
  SessionRef ref_of(std::uint32_t slot) const;
  const TransportSettings& settings_of(const Session& session) const { return context_.config.transports[session.transport]; }
  TransportInstance& transport_of(const Session& session) const { return *context_.service.transports()[session.transport]; }
  PluginGuard& guard_of(const Session& session) { return guards_.of(transport_of(session)); }
  bool takes_commands(const Session& session) const { return !transport_of(session).plugin().manifest.upgrade.empty(); }
  void expire_in(Session& session, std::int64_t ms) const {
    session.expires = static_cast<Tenths>(std::min<std::int64_t>((context_.now_ms + ms) / kTenthMs, kNone));
  }
  bool open_plugin_session(std::uint32_t slot, const sc_client& client, HttpResponse& refusal);
  // Why the topic cannot be had, through this transport or now: a problem's status and text; 0 = it can.
  unsigned resolve(const Session& session, const std::string& topic, AdmittedTopic& out, std::string& why) const;
  bool post_admits(Admission admission);
  void on(std::uint16_t lane, Verdict& verdict);
  void finish(Admission admission);
  void conclude(std::uint32_t slot, Admission& admission);
  void start_stream(std::uint32_t slot, Admission& admission);
  void refuse_stream(std::uint32_t slot, const Admission& admission);
  void close(std::uint32_t slot, std::uint32_t reason, std::string_view text);
  void destroy(std::uint32_t slot, std::string_view why);

  // streams_topics.cpp
  void subscribe(std::uint32_t slot, const Admission& admission);
  void give_own_cursor(Session& session, std::uint32_t slot);
  SessionDetails& details_of(Session& session);
  void fold_details(Session& session);
  void add_leg(Session& session, const Leg& leg);
  static std::vector<std::uint32_t> topics_of(const Session& session);
  void leave_topics(std::uint32_t slot);
  void remove_topic(std::uint32_t slot, std::uint32_t topic);
  void remove_leg(Session& session, std::uint32_t slot, const Leg& leg);

  // streams_commands.cpp
  void on_command(std::uint32_t slot, const Command& command);
  void on_subscribe_command(std::uint32_t slot, const Command& command);
  void on_unsubscribe_command(std::uint32_t slot, const Command& command);
  void answer(std::uint32_t slot, std::uint64_t ref, sc_status status, std::string_view json);

  // streams_delivery.cpp
  void on(const LaneBatch& batch, Commit& commit);
  void on(const LaneBatch& batch, Page& page);
  void on(const LaneBatch& batch, const Delivery& delivery);
  void on(const LaneBatch& batch, const Ended& ended);
  void end_topics(std::uint32_t slot);
  bool has_ended(const Session& session, std::uint32_t topic) const;
  void enter(Leg& leg, std::uint32_t slot, std::uint32_t channel);
  void leave(const Leg& leg);
  bool wants(Session& session, std::uint32_t leg, const Change& change);
  bool has_other_lanes(const Session& session, const SnapshotGroup& group) const;
  void keep_cursors(Session& session, std::uint32_t topic);
  void note_cursor(Session& session, std::uint32_t slot, std::uint16_t lane, const std::string& cursor);
  void push_own_cursor(Session& session);

  // streams_slow.cpp
  const LaneMarks& marks_of(const Session& session) const { return session.waits_for_window ? windows_[session.transport]->marks() : marks_; }
  void note_change(std::uint16_t lane, std::uint64_t change);
  void note_come_to(std::uint16_t lane, const std::string& cursor);
  Slow& slow_of(Session& session);
  void note_taken(Slow& slow);
  void count_dropped(Session& session, std::uint32_t leg);
  DroppedBy policy_of(const Session& session, bool appended) const;
  bool over(const Session& session, unsigned times = 1) const;
  bool may_hold(const Session& session, std::uint16_t lane) const;
  bool make_room(std::uint32_t slot);
  void hold(Session& session, bool appended);
  void hold(Session& session, std::uint16_t lane, bool keep_oldest);
  void on_drained(Session& session, std::uint32_t slot);
  void tell_dropped(std::uint32_t slot);
  void refill(Session& session, std::uint32_t slot, SnapshotGroup& group);
  std::uint32_t page_bytes(const Session& session) const;
  static bool is_slow(const Session& session);
  void note_waiting(const Session& session);
  void keep_within_budget();

  // streams_health.cpp
  struct HealthFrame {
    std::uint16_t encoding;
    std::size_t state;
    bool degraded;
    Ref<Frame> frame;
  };
  void tell_health(std::uint32_t slot);
  Ref<Frame> health_frame(const Session& session, const DegradedLanes::News& news);
  void end_admissions(std::uint16_t lane);

  // streams_io.cpp
  void push(std::uint32_t slot, Ref<Frame> frame);
  void push_change(Session& session, const Subscriber& subscriber, const Ref<Frame>& frame);
  Emitter& about_to_push(Session& session, std::uint32_t slot);
  void push_bytes(std::uint32_t slot, std::string_view bytes);
  void push_control(std::uint32_t slot, std::string_view json);
  Ref<Frame> encode(const Session& session, std::uint32_t kind, std::string_view json, std::string_view cursor);
  void mark_dirty(Session& session, std::uint32_t slot);
  void flush_or_gather(std::uint32_t slot, bool in_batches);
  bool waits(Session& session, std::uint32_t slot);
  void end_window(FlushWindow& window);
  bool joins_batch(Session& session, std::uint32_t slot);
  void send_batch();
  void flush(Session& session, std::uint32_t slot);
  void on_flushed(Session& session, std::uint32_t slot, const Emitter::Flushed& flushed);
  void watch(Session& session, std::uint32_t slot, bool write);
  void add_to_epoll(Session& session, std::uint32_t slot);
  void on_readable(std::uint32_t slot);
  void on_bytes(std::uint32_t slot, std::string_view bytes);
  std::int64_t ms_since(Tenths then) const { return std::int64_t{context_.now - then} * kTenthMs; }
  void sweep(std::uint32_t slot);
  void beat(Session& session, std::uint32_t slot);

  static constexpr std::int64_t kVerdictMs = 5000, kLingerMs = 2000;

  ShardContext& context_;
  SessionPublisher& publisher_;
  const int epoll_;
  TransportGuards guards_;
  SessionLog log_;
  KeptRequests requests_;
  SessionTopics topics_;
  SessionTable sessions_;
  SubscriptionTable subscriptions_;
  std::unordered_map<std::uint64_t, Admission> admissions_;
  std::uint64_t next_request_ = 0;
  std::uint32_t next_leg_ = 0, next_group_ = 0;
  std::vector<std::uint32_t> dirty_;
  std::vector<Ref<Frame>> heartbeats_;  // by encoding
  std::vector<HealthFrame> health_frames_;
  std::vector<char> input_;
  SendBatch batch_;
  LaneMarks marks_;
  std::vector<std::unique_ptr<FlushWindow>> windows_;  // by transport; null = it has none
  std::vector<Ref<Frame>> taken_;    // by the kernel, in the flush under way
  std::int64_t waiting_change_ = 0;  // of the bytes that wait, in the round under way
  std::size_t largest_ = 0;          // the most that waited for one client since the last tick
};

}  // namespace statecast::host
