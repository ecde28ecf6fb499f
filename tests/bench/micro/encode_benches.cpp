// What it costs to make a message's frame, and to copy a poll's events into a batch.
#include <benchmark/benchmark.h>

#include "host/streaming/frame.hpp"
#include "tests/bench/micro/events.hpp"
#include "tests/bench/micro/plugins.hpp"

namespace statecast::bench {

namespace {

constexpr std::string_view kCursor = "runs.e1.0.1e240";

std::string message_of_300_bytes() {
  std::string json = R"({"type":"order_update","orderId":"o-17","data":{"status":"PENDING","note":")";
  json.append(300 - json.size() - 3, 'n');
  return json + "\"}}";
}

void encode(benchmark::State& runs, const char* transport_type, const std::string& right) {
  const auto transport = make_transport(transport_type);
  host::PluginGuard guard(transport_type);
  host::StringSink bytes;
  const std::string json = message_of_300_bytes();
  const sc_message message{sizeof(sc_message), SC_MESSAGE_DATA, str(json), str(kCursor), {}};
  for (auto _ : runs) {
    bytes.clear();
    transport->encode(guard, 0, message, bytes);
    benchmark::DoNotOptimize(host::Frame::make(bytes.text()));
  }
  expect(json.size() == 300 && bytes.text() == right, "another frame: " + bytes.text());
  runs.SetItemsProcessed(runs.iterations());
}

std::string sse_frame() { return "id: " + std::string(kCursor) + "\ndata: " + message_of_300_bytes() + "\n\n"; }

// RFC 6455 5.2: a final text frame, whose length takes the two bytes after 126.
std::string websocket_frame() {
  const std::string text = message_of_300_bytes().substr(0, 299) + R"(,"cursor":")" + std::string(kCursor) + "\"}";
  return std::string("\x81\x7e", 2) + static_cast<char>(text.size() >> 8) + static_cast<char>(text.size() & 0xff) + text;
}

void copy_into_batch(benchmark::State& runs) {
  const std::vector<Occurrence> events(
      256, {"DriverLocationUpdated", "d-9", R"({"latitude":52.520008,"longitude":13.404954,"heading":271.5,"speed":8.3})"});
  const auto polled = batch_of(events, 1);
  for (auto _ : runs) {
    host::EventBatch::Builder builder(0, false);
    for (const sc_event& event : polled->events()) builder.add(event);
    const auto batch = builder.finish();
    expect(view(batch->events().back().id) == "e-256", "another event");
  }
  runs.SetItemsProcessed(runs.iterations() * 256);
}

BENCHMARK_CAPTURE(encode, , "sse", sse_frame())->Name("encode/SSE");
BENCHMARK_CAPTURE(encode, , "websocket", websocket_frame())->Name("encode/WebSocket");
BENCHMARK(copy_into_batch)->Name("batch/an event");

}  // namespace

}  // namespace statecast::bench
