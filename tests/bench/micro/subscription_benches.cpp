// What a shard's table of subscriptions costs: one client more, one less, and a frame for each of N. Writing to sockets is
// the fan-out bench's matter.
#include <benchmark/benchmark.h>

#include "host/serving/emitter.hpp"
#include "host/serving/subscription_table.hpp"
#include "tests/bench/micro/plugins.hpp"

namespace statecast::bench {

namespace {

using namespace host;

constexpr std::uint32_t kChannels = 1024;

// As many channels as clients come and go on: each is there alone.
void subscribe_and_unsubscribe(benchmark::State& runs) {
  SubscriptionTable table(1);
  for (auto _ : runs) {
    for (std::uint32_t i = 0; i < kChannels; ++i) benchmark::DoNotOptimize(table.enter(0, i, {i, 0}));
    for (std::uint32_t i = 0; i < kChannels; ++i) expect(!table.leave(0, i, 0), "somebody else was there");
  }
  runs.SetItemsProcessed(runs.iterations() * kChannels);
}

void deliver(benchmark::State& runs) {
  const auto clients = static_cast<std::uint32_t>(runs.range(0));
  SubscriptionTable table(1);
  std::vector<Emitter> emitters(clients);
  for (std::uint32_t slot = 0; slot < clients; ++slot) table.enter(0, 7, {slot, 0});
  auto change = Ref<Change>::make();
  const auto frame = Frame::make(std::string(300, 'x'), std::move(change));
  for (auto _ : runs) {
    for (const Subscriber& subscriber : table.of(0, 7)) emitters[subscriber.slot].push(frame, subscriber.leg);
    for (Emitter& emitter : emitters) {
      expect(emitter.waiting() == 1, "a client has no frame, or two");
      emitter = Emitter{};
    }
  }
  runs.SetItemsProcessed(runs.iterations() * clients);
}

BENCHMARK(subscribe_and_unsubscribe)->Name("table/subscribe and unsubscribe");
BENCHMARK(deliver)->Name("table/queue a frame, clients:")->Arg(1)->Arg(100)->Arg(10'000);

}  // namespace

}  // namespace statecast::bench
