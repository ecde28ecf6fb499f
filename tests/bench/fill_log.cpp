// fill_log: a log as a day of orders leaves it, written through the log plugin's own append. All orders are live: each
// is created, paid, confirmed, prepared, taken along, and then tells its time of arrival again and again. The events of
// all orders are mixed, so that whoever replays them finds nothing near in memory.
#include <dlfcn.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <span>
#include <statecast/testkit/source_kit.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace statecast::bench {
namespace {

using testkit::OwnedEvent;

constexpr std::int64_t kBegin = 1'703'082'900'000'000;  // 2023-12-20T14:35:00Z
constexpr std::size_t kBatch = 10'000;

const std::vector<std::string> kStatuses{"CONFIRMED", "PREPARING", "READY", "OUT_FOR_DELIVERY"};

std::string created(std::size_t order) {
  const std::string customer = std::to_string(order % 20'000), merchant = std::to_string(order % 500);
  return R"({"customerId":"c-)" + customer + R"(","merchantId":"m-)" + merchant +
         R"(","items":[{"menuItemId":"i-1","name":"Soup of the day","quantity":2,"price":7.5},)"
         R"({"menuItemId":"i-2","name":"Bread","quantity":1,"price":2.25}],"total":17.25})";
}

OwnedEvent event(std::size_t order, std::size_t step) {
  OwnedEvent out;
  out.id = std::to_string(order) + "-" + std::to_string(step);
  out.source = "/bench";
  out.subject = "o-" + std::to_string(order);
  out.type = step == 0 ? "OrderCreated" : step == 1 ? "PaymentProcessed" : "OrderStatusUpdated";
  if (step == 0) out.data = created(order);
  else if (step == 1) out.data = R"({"paymentId":"p-)" + std::to_string(order) + R"(","status":"SUCCEEDED","amount":17.25})";
  else {
    const std::string minute = std::to_string(10 + step % 50);
    out.data = R"({"status":")" + kStatuses[std::min(step - 2, kStatuses.size() - 1)] + R"(","driverId":"d-)" +
               std::to_string(order % 2'000) + R"(","eta":"2023-12-20T15:)" + minute + R"(:00.000Z"})";
  }
  out.extensions = "{}";
  return out;
}

// The plugin as it was built, so that the file is what a host would have left.
const sc_source& log_table(const std::string& library) {
  void* loaded = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) throw std::runtime_error(::dlerror());
  const auto entry = reinterpret_cast<const sc_entry* (*)()>(::dlsym(loaded, "statecast_entry_v1"));
  if (entry == nullptr) throw std::runtime_error(library + " is no plugin library");
  for (const sc_descriptor* plugin : std::span(entry()->descriptors, entry()->n))
    if (plugin->kind == SC_KIND_SOURCE && view(plugin->id) == "log") return *static_cast<const sc_source*>(plugin->functions);
  throw std::runtime_error(library + " has no source 'log'");
}

void fill(testkit::SourceKit& log, std::size_t orders, std::size_t from, std::size_t events) {
  std::vector<OwnedEvent> batch;
  for (std::size_t i = from; i < events; ++i) {
    batch.push_back(event(i % orders, i / orders));
    batch.back().time_us = kBegin + static_cast<std::int64_t>(i) * 1'000;
    if (batch.size() < kBatch && i + 1 < events) continue;
    const auto appended = log.append(std::move(batch));
    if (!appended.outcome.ok()) throw std::runtime_error(appended.outcome.text);
    batch.clear();
  }
}

}  // namespace
}  // namespace statecast::bench

int main(int argc, char** argv) try {
  using namespace statecast;
  std::string library, file;
  std::size_t orders = 100'000, from = 0, events = 1'000'000;
  CLI::App app("Fills a log with the events of live orders");
  app.add_option("--plugin", library, "the log plugin's library")->required();
  app.add_option("--file", file)->required();
  app.add_option("--orders", orders);
  app.add_option("--from", from, "how many events are in the log already");
  app.add_option("--events", events, "how many shall be in it");
  CLI11_PARSE(app, argc, argv);
  testkit::SourceKit log(bench::log_table(library), R"({"path":")" + file + "\"}");
  if (!log.creation().ok()) throw std::runtime_error(log.creation().text);
  bench::fill(log, orders, from, events);
  std::printf(R"({"events":%zu,"orders":%zu})"
              "\n", events, orders);
} catch (const std::exception& error) {
  std::fprintf(stderr, "fill_log: %s\n", error.what());
  return 1;
}
