// The requests of the public listener: opening streams, publishing, current values, subscriber counts. Each request is
// identified first; what needs a lane or the source waits here, by number, until the answer comes or its time is up.
//
// Owned by its Shard. [shard]
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/serving/http_connection.hpp"
#include "host/serving/page_files.hpp"
#include "host/serving/request_origin.hpp"
#include "host/serving/stream_controller.hpp"
#include "host/serving/streams.hpp"

namespace statecast::host {

// Sums what all shards count.
class SubscriberCounts {
 public:
  virtual ~SubscriberCounts() = default;
  virtual std::int64_t subscriptions(std::size_t prefix) const = 0;
  virtual std::int64_t sessions() const = 0;
};

class HttpApi : public HttpHandler, public SessionPublisher {
 public:
  HttpApi(ShardContext& context, const RequestOrigin& origin, const StreamController& controller, const SubscriberCounts& counts);

  void set_streams(Streams& streams) { streams_ = &streams; }

  // HttpHandler
  void handle(std::shared_ptr<HttpConnection> connection, HttpRequest request) override;
  bool draining() const override { return context_.draining; }
  void on_open(HttpConnection& connection) override;
  void on_close(HttpConnection& connection) override;
  void on_answered(std::size_t route, unsigned status) override { context_.stats.count_answer(route, status); }

  // SessionPublisher
  void publish(const SessionRef& session, std::uint64_t ref, std::string_view cloud_event_json) override;

  void on(AppendReply& reply);
  void on(std::uint16_t lane, Value& value);
  void on(std::uint16_t lane, AwaitReply& reply);
  void on(const LaneHealth& health);  // once the context knows it
  void give_up(const RequestRef& publish);  // nobody knows what became of it
  void on_tick();
  void close_idle();
  void clear();  // lets go of every request that waits
  std::size_t waiting() const { return publishes_.size() + reads_.size(); }
  std::size_t connections() const { return connections_.size(); }

 private:
  struct Verdict {
    std::uint32_t index;
    std::string state;
    std::string_view word;  // applied, rejected, held, unknown
    std::string reason;
  };
  struct Question {  // a lane that is asked for verdicts on these events
    std::uint16_t lane;
    std::vector<std::uint32_t> indices;
  };
  // A publish, from a request or (connection null) from a session.
  struct Publish {
    std::shared_ptr<HttpConnection> connection;
    SessionRef session;
    std::uint64_t ref = 0;
    Ref<EventBatch> events;
    std::int64_t wait_ms = 0, deadline_ms = 0;
    std::vector<AppendReply::Receipt> receipts;  // once they came
    std::vector<Verdict> verdicts;
    std::vector<Question> questions;  // without an answer yet
    bool undecided = false;           // a lane could not be asked, or does not know yet
  };
  struct Read {
    std::shared_ptr<HttpConnection> connection;
    std::string topic;
    bool spans = false;
    std::uint32_t limit = 1;
    std::vector<std::uint16_t> lanes;  // without an answer yet
    Value merged;
    std::int64_t deadline_ms = 0;
  };

  bool allow(HttpConnection& connection, const HttpRequest& request, std::string_view methods);
  void open_stream(std::shared_ptr<HttpConnection> connection, const HttpRequest& request, StreamController::Resolved resolved, Identity identity);
  void post_events(std::shared_ptr<HttpConnection> connection, const HttpRequest& request);
  void get_topic(std::shared_ptr<HttpConnection> connection, const HttpRequest& request, const std::string& claims);
  void get_page(HttpConnection& connection, const HttpRequest& request, const PageFile& file);
  void get_subscribers(HttpConnection& connection);
  void append(Publish publish);
  void wake_appender();
  void await_verdicts(std::uint64_t number, Publish& publish);
  bool stop_asking(Publish& publish, std::uint16_t lane);
  void note_unknown(Publish& publish, const Question& question);
  void finish(Publish& publish);
  void finish(Read& read);
  void fail(Publish& publish, unsigned status, std::string_view detail, std::optional<std::size_t> index = {});
  std::string accepted_json(const Publish& publish) const;
  std::uint64_t next_number() { return next_number_ += 2; }  // odd: the even ones are the streams'

  static constexpr std::int64_t kAnswerMs = 5000, kAppendMs = 30'000;
  static constexpr std::uint32_t kPage = 100, kLargestPage = 1000;

  ShardContext& context_;
  const RequestOrigin& origin_;
  const StreamController& controller_;
  const SubscriberCounts& counts_;
  Streams* streams_ = nullptr;
  std::uint64_t next_number_ = 1;
  bool waking_appender_ = false;
  std::unordered_map<std::uint64_t, Publish> publishes_;
  std::unordered_map<std::uint64_t, Read> reads_;
  std::vector<HttpConnection*> connections_;
};

}  // namespace statecast::host
