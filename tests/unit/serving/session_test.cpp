#include <gtest/gtest.h>

#include "host/serving/connection_limits.hpp"
#include "host/serving/kept_requests.hpp"
#include "host/serving/session_table.hpp"
#include "host/serving/session_topics.hpp"

namespace statecast::host {
namespace {

Leg leg(std::uint32_t id, std::uint32_t topic) { return {.id = id, .topic = topic}; }

std::vector<std::uint32_t> ids(const Session& session) {
  std::vector<std::uint32_t> out;
  for (const Leg& each : session.legs()) out.push_back(each.id);
  return out;
}

using Ids = std::vector<std::uint32_t>;

// ---- the record and what hangs behind it

TEST(Session, HasItsOnlyLegInTheRecord) {
  Session session;
  EXPECT_EQ(ids(session), Ids{});
  session.add(leg(7, 1));
  EXPECT_EQ(ids(session), Ids{7});
  EXPECT_EQ(session.details, nullptr);
  EXPECT_EQ(session.find_leg(7), &session.leg);
  EXPECT_EQ(session.find_leg(8), nullptr);
  EXPECT_EQ(session.erase_legs(2), 0u);
  EXPECT_EQ(session.erase_legs(1), 1u);
  EXPECT_EQ(ids(session), Ids{});
}

TEST(Session, HasSeveralLegsInItsDetailsAndTheLastOfThemInTheRecordAgain) {
  Session session;
  session.add(leg(1, 10));
  session.details = std::make_unique<SessionDetails>();
  session.add(leg(2, 20));
  session.add(leg(3, 20));
  EXPECT_EQ(ids(session), (Ids{1, 2, 3}));
  EXPECT_FALSE(session.fold_details()) << "there is no room for three";
  EXPECT_EQ(session.erase_legs(20), 2u);
  EXPECT_EQ(ids(session), Ids{1});
  EXPECT_TRUE(session.fold_details());
  EXPECT_EQ(session.details, nullptr);
  EXPECT_EQ(ids(session), Ids{1});
}

TEST(Session, KeepsItsDetailsWhileAnythingInThemIsOfUse) {
  const std::pair<const char*, void (*)(SessionDetails&)> uses[] = {
      {"a snapshot", [](SessionDetails& d) { d.listing.push_back({1, 0}); }},
      {"a cursor", [](SessionDetails& d) { d.cursors.push_back({0, "c"}); }},
      {"a degraded state", [](SessionDetails& d) { d.told_degraded.push_back(0); }},
      {"a command", [](SessionDetails& d) { d.asked = 1; }},
      {"slowness", [](SessionDetails& d) { d.slow = std::make_unique<Slow>(); }},
  };
  for (const auto& [what, use] : uses) {
    Session session;
    session.details = std::make_unique<SessionDetails>();
    use(*session.details);
    EXPECT_FALSE(session.fold_details()) << what;
    *session.details = {};
    EXPECT_TRUE(session.fold_details()) << what;
  }
}

TEST(SnapshotGroup, KnowsHowFarEachLegIsListed) {
  SnapshotGroup group;
  EXPECT_FALSE(group.has_listed(1, "a"));
  group.note_listed(1, "m");
  EXPECT_TRUE(group.has_listed(1, "m"));
  EXPECT_FALSE(group.has_listed(1, "n"));
  EXPECT_FALSE(group.has_listed(2, "a"));
  group.note_listed(1, "");
  EXPECT_FALSE(group.has_listed(1, "a")) << "what changed is listed once more";
}

// ---- the table

TEST(SessionTable, UsesASlotAgainForAnotherGeneration) {
  SessionTable table;
  const auto slot = table.take();
  table[slot].stage = Session::Stage::kOpen;
  table[slot].add(leg(1, 1));
  EXPECT_EQ(table.taken(), 1u);
  table.give_back(slot);
  EXPECT_EQ(table.taken(), 0u);
  EXPECT_EQ(table.take(), slot);
  EXPECT_EQ(table[slot].generation, 1u);
  EXPECT_EQ(table[slot].stage, Session::Stage::kFree);
  EXPECT_TRUE(table[slot].legs().empty());
}

TEST(SessionTable, LeavesSessionsWhereTheyAreWhenItGrows) {
  SessionTable table;
  const auto first = table.take();
  const Session* at = &table[first];
  for (int i = 0; i < 2'000; ++i) table[table.take()].number = static_cast<std::uint64_t>(i);
  EXPECT_EQ(&table[first], at);
  EXPECT_EQ(table.size(), 2'001u);
  EXPECT_EQ(table[2'000].number, 1'999u);
}

// ---- what sessions share

TEST(SessionTopics, KeepATopicWhileALegIsOnIt) {
  SessionTopics topics;
  const auto one = topics.enter("orders/o-1", 4);
  EXPECT_EQ(topics.enter("orders/o-1", 4), one);
  EXPECT_EQ(topics.name(one), "orders/o-1");
  EXPECT_EQ(topics.prefix(one), 4u);
  topics.leave(one);
  EXPECT_EQ(topics.find("orders/o-1"), one);
  topics.leave(one);
  EXPECT_EQ(topics.find("orders/o-1"), SessionTopics::npos);
  EXPECT_EQ(topics.size(), 0u);
}

TEST(SessionTopics, UseTheNumberOfATopicThatIsGoneAgain) {
  SessionTopics topics;
  const auto one = topics.enter("a/1", 0), two = topics.enter("a/2", 0);
  topics.leave(one);
  EXPECT_EQ(topics.enter("b/3", 1), one);
  EXPECT_EQ(topics.name(one), "b/3");
  EXPECT_EQ(topics.prefix(one), 1u);
  EXPECT_EQ(topics.name(two), "a/2");
}

RequestContext& fill(RequestContext& context, std::string key, std::string query = "a=b") {
  context.session = 5;
  context.remote = "127.0.0.1:4711";
  context.method = "GET";
  context.path = std::string("/ws/\0:7:x", 9);  // a path may hold anything
  context.query = std::move(query);
  context.claims = R"({"sub":"c-1"})";
  context.headers = {{"host", "x"}, {"sec-websocket-key", std::move(key)}, {"cookie", ""}, {"origin", "https://a"}};
  return context;
}

TEST(KeptRequests, TellAllOfARequestButWhatOnlyItsHandshakeNeeded) {
  KeptRequests requests;
  RequestContext first;
  const auto kept = requests.keep(fill(first, "k1"));
  const auto context = kept.context(9, "[::1]:80");
  EXPECT_EQ(context->session, 9u);
  EXPECT_EQ(context->remote, "[::1]:80");
  EXPECT_EQ(context->method, first.method);
  EXPECT_EQ(context->path, first.path);
  EXPECT_EQ(context->query, first.query);
  EXPECT_EQ(context->claims, first.claims);
  using Headers = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(context->headers, (Headers{{"host", "x"}, {"cookie", ""}, {"origin", "https://a"}}));
}

TEST(KeptRequests, AreOneForClientsThatAskAlikeUntilTheLastOfThemGoes) {
  KeptRequests requests;
  RequestContext a, b, c;
  auto one = requests.keep(fill(a, "k1"));
  auto two = requests.keep(fill(b, "k2"));
  EXPECT_EQ(requests.size(), 1u);
  auto other = requests.keep(fill(c, "k3", "a=c"));
  EXPECT_EQ(requests.size(), 2u);
  one = {};
  EXPECT_EQ(requests.size(), 2u);
  other = {};
  EXPECT_EQ(requests.size(), 1u);
  EXPECT_EQ(two.context(1, {})->query, "a=b");
  two = {};
  EXPECT_EQ(requests.size(), 0u);
}

// ---- limits

boost::asio::ip::address address(const char* text) { return boost::asio::ip::make_address(text); }

TEST(ConnectionLimits, CountConnectionsByAddressUntilTheirTicketsGo) {
  LimitSettings settings;
  settings.connections = 10;
  settings.per_ip = 2;
  ConnectionLimits limits(settings);
  auto one = limits.enter(address("192.0.2.1"));
  {
    const auto two = limits.enter(address("192.0.2.1"));
    EXPECT_TRUE(two);
    EXPECT_FALSE(limits.enter(address("192.0.2.1")));
    EXPECT_TRUE(limits.enter(address("192.0.2.2")));
  }
  ConnectionLimits::Ticket kept = std::move(*one);
  one.reset();
  EXPECT_EQ(limits.counts().open, 1u);
  EXPECT_TRUE(limits.enter(address("192.0.2.1")));
  EXPECT_EQ(limits.counts().refused_per_ip, 1u);
  EXPECT_EQ(sizeof kept, sizeof(void*));
}

TEST(ConnectionLimits, CountConnectionsInAllWhereAddressesDoNotMatter) {
  LimitSettings settings;
  settings.connections = 1;
  ConnectionLimits limits(settings);
  const auto one = limits.enter(address("192.0.2.1"));
  EXPECT_TRUE(one);
  EXPECT_FALSE(limits.enter(address("192.0.2.2")));
  EXPECT_EQ(limits.counts().refused_in_all, 1u);
}

}  // namespace
}  // namespace statecast::host
