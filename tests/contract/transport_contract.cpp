#include <algorithm>
#include <array>
#include <statecast/testkit/transport_kit.hpp>
#include <thread>

#include "tests/contract/contract.hpp"

namespace statecast::contract {
namespace {

using host::Plugin;

class MadeTransport : public Made<testkit::TransportKit> {
 public:
  explicit MadeTransport(const Plugin& plugin) : Made(plugin.transport(), plugin) {}
};

constexpr std::string_view kCursor = "c0ffee-cursor";

std::vector<Message> messages() {
  return {{.kind = SC_MESSAGE_DATA, .json = R"({"type":"order_update","orderId":"o-1"})", .cursor = kCursor},
          {.kind = SC_MESSAGE_DATA, .json = R"({"text":"\n\r and ü"})"},
          {.kind = SC_MESSAGE_CONTROL, .json = R"({"type":"reset","topic":"t/a"})", .topic = "t/a"},
          {.kind = SC_MESSAGE_CURSOR, .cursor = kCursor}};
}

// A request that the transport should accept: a GET of its first route, upgraded where it asks for that.
testkit::RequestContext legal_request(const Plugin& plugin) {
  testkit::RequestContext request{.query = "topic=t/a"};
  if (!plugin.manifest.routes.empty()) request.path = plugin.manifest.routes.front().path;
  if (!plugin.manifest.upgrade.empty()) {
    request.headers = {{"connection", "Upgrade"},
                       {"upgrade", plugin.manifest.upgrade},
                       {"sec-websocket-version", "13"},
                       {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};  // RFC 6455 1.3
  }
  return request;
}

// Everything that encode and heartbeat give, joined.
std::string all_bytes(const Plugin& plugin, const testkit::TransportKit& kit) {
  std::string bytes;
  for (std::uint32_t encoding = 0; encoding < plugin.manifest.encodings.size(); ++encoding) {
    for (const Message& message : messages()) bytes += kit.encode(encoding, message);
    bytes += kit.heartbeat(encoding);
  }
  return bytes;
}

void encodes_the_same_each_time(const Plugin& plugin) {
  MadeTransport made(plugin), other(plugin);
  const std::string first = all_bytes(plugin, made.kit);
  EXPECT_NE(first, "");
  EXPECT_EQ(all_bytes(plugin, made.kit), first);
  EXPECT_EQ(all_bytes(plugin, other.kit), first);
}

void encodes_the_same_on_every_thread(const Plugin& plugin) {
  MadeTransport made(plugin);
  const std::string expected = all_bytes(plugin, made.kit);
  std::array<int, 4> differing{};
  {
    std::vector<std::jthread> threads;
    for (int& count : differing) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) count += all_bytes(plugin, made.kit) != expected;
      });
    }
  }
  EXPECT_EQ(differing, (std::array<int, 4>{}));
}

void leaves_cursors_out_of_bare_encodings(const Plugin& plugin) {
  MadeTransport made(plugin);
  for (const auto& encoding : plugin.manifest.encodings) {
    if (&encoding == &plugin.manifest.encodings[encoding.bare]) continue;
    const std::string bare = made.kit.encode(encoding.bare, messages().front());
    EXPECT_EQ(bare.find(kCursor), std::string::npos) << encoding.name;
  }
}

void opens_and_closes_for_every_reason(const Plugin& plugin) {
  MadeTransport made(plugin);
  for (std::uint32_t reason = SC_CLOSE_GONE; reason <= SC_CLOSE_ERROR; ++reason) {
    auto session = made.kit.open(legal_request(plugin));
    ASSERT_TRUE(session.opened().ok()) << session.opened().text;
    EXPECT_LT(session.encoding(), plugin.manifest.encodings.size());
    EXPECT_TRUE(session.head().starts_with("HTTP/1.1 "));
    session.close(reason, "for the contract", 1000);
  }
}

void closes_a_session_that_never_got_its_head(const Plugin& plugin) {
  MadeTransport made(plugin);
  auto session = made.kit.open(legal_request(plugin));
  ASSERT_TRUE(session.opened().ok()) << session.opened().text;
  session.close(SC_CLOSE_GONE);
}

void survives_requests_of_every_shape(const Plugin& plugin) {
  MadeTransport made(plugin);
  std::vector<testkit::RequestContext> requests(5, legal_request(plugin));
  requests[0].method = "BREW";
  requests[1].query = "topic=&topic=%zz&&=";
  requests[2].headers.clear();
  requests[3].headers["last-event-id"] = std::string(10'000, 'x');
  requests[4].headers["sec-websocket-version"] = "8";
  for (const auto& request : requests) {
    const auto status = made.kit.open(request).opened().status;
    EXPECT_TRUE(status == SC_OK || status == SC_REJECTED || status == SC_UNSUPPORTED) << status;
  }
}

// Bytes that look like noise and are the same in every run.
std::string noise(std::size_t n) {
  std::string bytes;
  std::uint32_t x = 2463534242;  // Marsaglia's xorshift32
  while (bytes.size() < n) {
    x ^= x << 13, x ^= x >> 17, x ^= x << 5;
    bytes.push_back(static_cast<char>(x));
  }
  return bytes;
}

void survives_noise_from_the_client(const Plugin& plugin) {
  MadeTransport made(plugin);
  for (std::size_t piece : {1, 7, 4096}) {
    auto session = made.kit.open(legal_request(plugin));
    ASSERT_TRUE(session.opened().ok()) << session.opened().text;
    session.head();
    const std::string bytes = noise(4096);
    sc_status status = SC_OK;
    for (std::size_t at = 0; at < bytes.size() && status == SC_OK; at += piece) {
      status = session.decode(std::string_view(bytes).substr(at, piece)).outcome.status;
    }
    EXPECT_TRUE(status == SC_OK || status == SC_REJECTED) << status;
  }
}

}  // namespace

void add_transport_tests(const Plugin& plugin) {
  add(plugin, "EncodesTheSameEachTime", encodes_the_same_each_time);
  add(plugin, "EncodesTheSameOnEveryThread", encodes_the_same_on_every_thread);
  add(plugin, "LeavesCursorsOutOfBareEncodings", leaves_cursors_out_of_bare_encodings);
  add(plugin, "OpensAndClosesForEveryReason", opens_and_closes_for_every_reason);
  add(plugin, "ClosesASessionThatNeverGotItsHead", closes_a_session_that_never_got_its_head);
  add(plugin, "SurvivesRequestsOfEveryShape", survives_requests_of_every_shape);
  add(plugin, "SurvivesNoiseFromTheClient", survives_noise_from_the_client);
}

}  // namespace statecast::contract
