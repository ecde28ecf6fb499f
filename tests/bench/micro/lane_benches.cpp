// How many events a lane takes, from its mailbox to the frames that it posts: a location of each of 10,000 drivers, with
// one client for each driver and with none. What counts is the processor time of the lane's thread.
#include <benchmark/benchmark.h>
#include <pthread.h>
#include <time.h>

#include <numeric>
#include <semaphore>
#include <thread>

#include "host/streaming/lane.hpp"
#include "tests/bench/micro/events.hpp"
#include "tests/bench/micro/plugins.hpp"

namespace statecast::bench {

namespace {

using namespace host;

constexpr std::uint32_t kDrivers = 10'000;
constexpr std::size_t kBatchEvents = 256;  // as a feed polls them

std::string driver(std::uint32_t n) { return "d-" + std::to_string(10'000 + n); }

std::string location(std::uint32_t n, std::uint64_t round) {
  return R"({"latitude":52.)" + std::to_string(100'000 + n) + R"(,"longitude":13.)" + std::to_string(100'000 + round) +
         R"(,"heading":271.5,"speed":8.3})";
}

class LaneUnderLoad {
 public:
  LaneUnderLoad();
  ~LaneUnderLoad();

  void subscribe_to_each_driver();
  // One round of locations; what the lane's thread spent on it.
  double round();

 private:
  void post(Ref<EventBatch> batch);
  void wait_until_idle();
  std::size_t drain(std::string& first_frame);
  double spent() const;

  std::unique_ptr<TransportInstance> transport_ = make_transport("sse");
  std::vector<Encoding> encodings_{{transport_.get(), 0, 1}, {transport_.get(), 1, 1}};
  ShardInbox inbox_{1024};
  std::unique_ptr<Lane> lane_;
  ::clockid_t clock_{};
  std::uint32_t clients_ = 0;
  std::uint64_t events_ = 0, rounds_ = 0;
};

LaneUnderLoad::LaneUnderLoad() {
  StateSettings settings;
  settings.id = "runs";
  settings.refresh_ms = 3'600'000;
  lane_ = std::make_unique<Lane>(std::uint16_t{0}, settings, 0, make_state("delivery"), Positions("runs", {{0, "e1"}}), encodings_,
                                 std::vector<ShardInbox*>{&inbox_}, system_clock());
  lane_->start();
  std::binary_semaphore answered{0};
  const auto read_clock = [&](TakenLetters) {
    expect(::pthread_getcpuclockid(::pthread_self(), &clock_) == 0, "the lane has no clock");
    answered.release();
  };
  lane_->post(TakeDeadLetters{false, {}, read_clock});
  answered.acquire();
}

LaneUnderLoad::~LaneUnderLoad() {
  inbox_.close();
  lane_->close();
}

double LaneUnderLoad::spent() const {
  ::timespec now{};
  ::clock_gettime(clock_, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// A turn begins before it takes the first message.
void LaneUnderLoad::wait_until_idle() {
  while (lane_->status().waiting != 0 || lane_->busy_since_ns() != 0) std::this_thread::yield();
}

std::size_t LaneUnderLoad::drain(std::string& first_frame) {
  std::size_t frames = 0;
  ShardMessage message;
  while (inbox_.try_pop(message)) {
    const auto* batch = std::get_if<LaneBatch>(&message);
    if (batch == nullptr) continue;
    if (frames == 0 && !batch->frames.empty()) first_frame = batch->frames.front().frame->bytes();
    frames += batch->frames.size();
  }
  return frames;
}

void LaneUnderLoad::subscribe_to_each_driver() {
  std::string ignored;
  for (; clients_ < kDrivers; ++clients_) {
    Subscribe subscribe;
    subscribe.session = {0, clients_, 1};
    subscribe.page_bytes = 65'536;
    subscribe.legs.push_back({0, "drivers/" + driver(clients_), "everything", "", false});
    LaneMessage message = std::move(subscribe);
    while (!lane_->post(message)) drain(ignored);
  }
  do drain(ignored);
  while (lane_->status().waiting != 0);
  wait_until_idle();
  drain(ignored);
}

void LaneUnderLoad::post(Ref<EventBatch> batch) {
  std::vector<std::uint32_t> indices(batch->events().size());
  std::iota(indices.begin(), indices.end(), 0u);
  LaneMessage message = Events{std::move(batch), std::move(indices), 0};
  expect(lane_->post_events_wait(message), "the lane takes no events");
}

double LaneUnderLoad::round() {
  ++rounds_;
  const auto first = events_ + 1;
  std::vector<Ref<EventBatch>> batches;
  for (std::uint32_t n = 0; n < kDrivers;) {
    std::vector<Occurrence> events;
    for (; events.size() < kBatchEvents && n < kDrivers; ++n) events.push_back({"DriverLocationUpdated", driver(n), location(n, rounds_)});
    batches.push_back(batch_of(events, events_ + 1));
    events_ += events.size();
  }
  const double before = spent();
  for (auto& batch : batches) post(std::move(batch));
  wait_until_idle();
  const double after = spent();
  std::string first_frame;
  expect(drain(first_frame) == clients_, "not every client has a frame");
  char position[20];
  std::snprintf(position, sizeof position, "%llx", static_cast<unsigned long long>(first));
  const std::string right = "id: runs.e1.0." + std::string(position) + "\ndata: " + R"({"type":"driver_location","driverId":"d-10000","location":)" +
                            location(0, rounds_) + R"(,"timestamp":"2023-12-20T14:35:00.000Z"})" + "\n\n";
  expect(clients_ == 0 || first_frame == right, "another frame: " + first_frame);
  expect(lane_->status().applied == events_, "not every event was folded");
  return after - before;
}

void locations(benchmark::State& runs, bool with_clients) {
  LaneUnderLoad lane;
  if (with_clients) lane.subscribe_to_each_driver();
  lane.round();  // makes the drivers
  for (auto _ : runs) runs.SetIterationTime(lane.round());
  runs.SetItemsProcessed(runs.iterations() * kDrivers);
}

BENCHMARK_CAPTURE(locations, , true)->Name("lane/a location with one client")->UseManualTime();
BENCHMARK_CAPTURE(locations, , false)->Name("lane/a location without clients")->UseManualTime();

}  // namespace

}  // namespace statecast::bench
