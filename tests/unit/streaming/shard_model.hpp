// The least that a shard is: it follows the rules of Commit, Page, Delivery and Ended as serving/streams_delivery.cpp
// does, for clients that only remember what they were sent.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/streaming/lane.hpp"

namespace statecast::host::test {

inline constexpr std::chrono::seconds kDeadline{30};  // far beyond what any wait of a test needs

struct ModelLeg {
  std::uint32_t id = 0, group = 0;
  std::string topic;
  std::uint32_t channel = InterestTable::npos;
  bool settled = false, listing = true, appended = false, gone = false;
  std::string listed_through{};
};

struct ModelClient {
  SessionRef ref;
  std::uint16_t encoding = 0;
  bool own_cursor = false, gone = false;
  std::vector<ModelLeg> legs{};
  std::uint64_t last_change = 0;
  std::vector<std::string> lines{};         // what it was sent, each "<cursor>|<json>"
  std::vector<std::uint32_t> pulls_due{};   // groups whose next page it has not asked for
  std::string lane_cursor{};                // of the last page, or the answer to Recode
  bool lost = false;                        // a page said so
  std::vector<std::string> ended{};

  std::string cursor() const;               // the last that came in a line
  std::vector<std::string> bodies() const;  // the lines without their cursors
  bool listing() const;
};

// Talks to one lane. Runs on the test's thread.
class ShardModel {
 public:
  explicit ShardModel(std::uint16_t number = 0) : number_(number) {}
  void attach(Lane& lane) { lane_ = &lane; }
  ShardInbox& inbox() { return inbox_; }

  struct Ask {
    std::string topic, view = "all", cursor = {};
    bool appended = false;
  };
  struct How {
    std::uint16_t encoding = 0;
    bool own_cursor = false;
    std::uint32_t page_bytes = 64 * 1024;
  };
  std::uint32_t subscribe(std::vector<Ask> topics, How how);  // returns the client's number
  std::uint32_t subscribe(std::vector<Ask> topics) { return subscribe(std::move(topics), How{}); }
  void unsubscribe(std::uint32_t client);
  void remove_leg(std::uint32_t client, std::uint32_t leg);
  void pull(std::uint32_t client, bool again = false);  // the pages that are due
  // As for a client that was too slow: all its legs, which are settled, go on from there.
  void refill(std::uint32_t client, const std::string& cursor, std::uint32_t page_bytes = 64 * 1024);
  void recode(std::uint32_t client);
  bool pulls_at_once = true;

  // Handles what comes until it is so, or fails the test at the deadline.
  void run_until(const std::function<bool()>& so, const std::string& what);
  // Until everything that was asked and published before has been answered.
  void fence();
  // Until the client's snapshot is complete.
  void run_until_listed(std::uint32_t client);

  ModelClient& client(std::uint32_t number) { return clients_[number]; }
  std::size_t clients() const { return clients_.size(); }

  Verdict admit(std::vector<Admit::Leg> legs, std::string claims = "{}");
  Value read(std::string topic, std::string after_key = {}, std::uint32_t limit = 10, bool appended = false);
  AwaitReply await(std::vector<Await::Event> events);
  std::uint64_t post_admit(std::vector<Admit::Leg> legs, std::string claims = "{}");
  std::uint64_t post_await(std::vector<Await::Event> events);
  void post(LaneMessage message);

  std::map<std::uint64_t, Verdict> verdicts;
  std::map<std::uint64_t, Value> values;
  std::map<std::uint64_t, AwaitReply> awaited;
  std::vector<AppendReply> appended;
  std::size_t batches = 0, deliveries = 0;
  std::vector<std::string> trace;  // "commit", "settled", "page", "last page", "delivery", "ended", in order

 private:
  struct Subscriber {
    std::uint32_t client, leg;
  };
  std::uint64_t next_number() { return ++requests_; }
  Ref<RequestContext> context(std::string claims);
  void handle(ShardMessage& message);
  void on(const LaneBatch& batch, ShardItem& item);
  void on(const Commit& commit);
  void on(Page& page);
  void on(const LaneBatch& batch, const Delivery& delivery);
  void on(const Ended& ended);
  ModelClient* find(const SessionRef& ref);
  static ModelLeg* leg_of(ModelClient& client, std::uint32_t leg);
  void leave(std::uint32_t client, const ModelLeg& leg);
  static void send(ModelClient& client, std::string_view bytes);

  const std::uint16_t number_;
  ShardInbox inbox_{1024};
  Lane* lane_ = nullptr;
  std::deque<LaneMessage> waiting_;  // for room in the lane's mailbox
  std::vector<ModelClient> clients_;
  std::map<std::uint32_t, std::vector<Subscriber>> channels_;
  std::uint64_t requests_ = 0;
};

}  // namespace statecast::host::test
