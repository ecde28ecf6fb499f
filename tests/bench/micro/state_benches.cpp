// What one event costs in a State behind the guard, and what one rendering does.
#include <benchmark/benchmark.h>

#include "tests/bench/micro/events.hpp"
#include "tests/bench/micro/plugins.hpp"

namespace statecast::bench {

namespace {

struct Story {
  const char* state;
  std::vector<Occurrence> beginning;  // folded once
  Occurrence one, other;              // each makes the State change where the other has left it
  const char* key;
  const char* view;
  std::string rendered;  // after `other`
};

Story location() {
  return {"delivery",
          {},
          {"DriverLocationUpdated", "d-9", R"({"latitude":52.520008,"longitude":13.404954,"heading":271.5,"speed":8.3})"},
          {"DriverLocationUpdated", "d-9", R"({"latitude":52.520108,"longitude":13.404854,"heading":268,"speed":7.9})"},
          "drivers/d-9",
          "everything",
          R"({"type":"driver_location","driverId":"d-9","location":{"latitude":52.520108,"longitude":13.404854,"heading":268,"speed":7.9},)"
          R"("timestamp":"2023-12-20T14:35:00.000Z"})"};
}

Story order() {
  return {"order",
          {{"OrderCreated", "o-17",
            R"({"customerId":"c-4","merchantId":"m-2","items":[{"menuItemId":"i-1","name":"Ramen","quantity":2,"price":11.5}],"total":23})"},
           {"OrderStatusUpdated", "o-17", R"({"status":"CONFIRMED"})"}},
          {"OrderStatusUpdated", "o-17", R"({"status":"CONFIRMED","eta":"2023-12-20T15:00:00.000Z"})"},
          {"OrderStatusUpdated", "o-17", R"({"status":"CONFIRMED","eta":"2023-12-20T15:05:00.000Z"})"},
          "o-17",
          "customer",
          R"({"type":"order_update","orderId":"o-17","data":{"status":"CONFIRMED","customerId":"c-4","merchantId":"m-2",)"
          R"("items":[{"menuItemId":"i-1","name":"Ramen","quantity":2,"price":11.5}],"total":23,"eta":"2023-12-20T15:05:00.000Z"}})"};
}

Story merchant() {
  return {"merchant",
          {{"RestaurantStatusChanged", "m-2", R"({"open":true})"},
           {"MenuItemUpdated", "i-1", R"({"merchantId":"m-2","name":"Ramen","price":11.5,"available":true})"},
           {"MenuItemUpdated", "i-2", R"({"merchantId":"m-2","name":"Gyoza","price":6,"available":true})"}},
          {"MenuItemUpdated", "i-2", R"({"merchantId":"m-2","price":6.5})"},
          {"MenuItemUpdated", "i-2", R"({"merchantId":"m-2","price":6})"},
          "m-2",
          "public",
          R"({"type":"merchant_update","merchantId":"m-2","data":{"open":true,"until":null,"items":[)"
          R"({"menuItemId":"i-1","name":"Ramen","price":11.5,"available":true},)"
          R"({"menuItemId":"i-2","name":"Gyoza","price":6,"available":true}],"promotions":[]}})"};
}

// A State that was told its story: whether it shows what it should, once.
struct Told {
  explicit Told(const Story& story) : state(make_state(story.state)) {
    std::vector<Occurrence> events = story.beginning;
    events.push_back(story.one);
    events.push_back(story.other);
    const auto batch = batch_of(events, 1);
    state->apply(pointers_to(*batch), reports.table());
    expect(reports.updated() == events.size(), "an event changed nothing");
    std::string json;
    expect(state->render(story.key, story.view, json) == SC_OK && json == story.rendered, "another rendering: " + json);
  }

  std::unique_ptr<host::StateInstance> state;
  Reports reports;
};

void an_empty_call(benchmark::State& runs) {
  const auto state = make_empty_state();
  const auto batch = batch_of({{"Nothing", "n-1", "{}"}}, 1);
  const auto events = pointers_to(*batch);
  const Reports reports;
  for (auto _ : runs) benchmark::DoNotOptimize(state->apply(events, reports.table()));
  runs.SetItemsProcessed(runs.iterations());
}

void apply(benchmark::State& runs, const Story& story) {
  Told told(story);
  const auto batch = batch_of({story.one, story.other}, 100);
  const auto events = pointers_to(*batch);
  const auto before = told.reports.updated();
  for (auto _ : runs) told.state->apply(events, told.reports.table());
  const auto folded = static_cast<std::size_t>(runs.iterations()) * events.size();
  expect(told.reports.updated() == before + folded, "an event changed nothing");
  runs.SetItemsProcessed(static_cast<std::int64_t>(folded));
}

void render(benchmark::State& runs, const Story& story) {
  Told told(story);
  std::string json;
  for (auto _ : runs) {
    told.state->render(story.key, story.view, json);
    benchmark::DoNotOptimize(json.data());
  }
  expect(json == story.rendered, "another rendering: " + json);
  runs.SetItemsProcessed(runs.iterations());
}

BENCHMARK(an_empty_call)->Name("call/an empty state");
BENCHMARK_CAPTURE(apply, , location())->Name("apply/a driver's location");
BENCHMARK_CAPTURE(apply, , order())->Name("apply/an order's status");
BENCHMARK_CAPTURE(apply, , merchant())->Name("apply/a merchant's item");
BENCHMARK_CAPTURE(render, , location())->Name("render/a driver's location");
BENCHMARK_CAPTURE(render, , order())->Name("render/an order");
BENCHMARK_CAPTURE(render, , merchant())->Name("render/a merchant");

}  // namespace

}  // namespace statecast::bench
