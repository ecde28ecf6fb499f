#include "tests/bench/load/load.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace statecast::bench {

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::size_t kConnections = 16;           // that publish
constexpr std::chrono::seconds kLongestSilence{30};  // while something is still to come
constexpr std::chrono::milliseconds kAfterwards{100};  // for what should not come any more

}  // namespace

Load::Load(const LoadOptions& options)
    : options_(options),
      plan_(options.clients, options.topics, options.each),
      server_(options.server),
      tally_(plan_, options.topics + options.warm_up + options.messages, options.slow),
      clients_(plan_, {options.port, options.form, options.stream, Pattern(options.topic), options.first_topic}, options.slow,
               [this](auto client, auto number, auto bytes) { on_message(client, number, bytes); }),
      publishing_(options.publish, options.type, options.body) {}

void Load::run() {
  const auto begin = Clock::now();
  clients_.open();
  opening_s_ = std::chrono::duration<double>(Clock::now() - begin).count();
  publishing_.open(options_.port, std::min(options_.topics, kConnections));
  prove_subscribed();
  clients_.stop_reading_slow_ones();
  if (options_.messages == 0) return;
  publish_at_rate(options_.warm_up);
  times_ms_.reserve(options_.messages * plan_.clients() * plan_.each() / plan_.topics() + 1);
  counts_ = true;
  const auto before = server_.settled();
  publish_at_rate(options_.messages);
  server_ns_ = server_.settled() - before;
  const auto until = Clock::now() + kAfterwards;
  turn_until([until] { return Clock::now() >= until; });
}

// A stream that is open may not be subscribed yet; one that has a message of each of its topics is.
void Load::prove_subscribed() {
  for (std::size_t i = 0; i < options_.topics; ++i) {
    while (publishing_.under_way() >= kConnections) turn();
    publish_next();
  }
  turn_until([this] { return tally_.complete() && publishing_.under_way() == 0; });
  const auto missing = tally_.sums().missing;
  if (missing > 0) throw std::runtime_error(std::to_string(missing) + " subscriptions never got a message");
}

// Each message has its time, whatever became of the ones before: who waits for a slow server would measure it when it is not.
void Load::publish_at_rate(std::size_t messages) {
  first_ = tally_.published();
  begin_ = Clock::now();
  for (const auto end = first_ + messages; tally_.published() < end;) {
    const Milliseconds late = Clock::now() - due(tally_.published());
    if (late.count() >= 0) {
      if (counts_) late_ms_ = std::max(late_ms_, late.count());
      publish_next();
    }
    turn();
  }
  turn_until([this] { return tally_.complete() && publishing_.under_way() == 0; });
}

Load::Clock::time_point Load::due(std::uint64_t number) const {
  const std::chrono::duration<double> after(static_cast<double>(number - first_) / options_.rate);
  return begin_ + std::chrono::duration_cast<Clock::duration>(after);
}

void Load::publish_next() {
  const auto number = tally_.published();
  tally_.on_published();
  publishing_.publish(options_.first_topic + plan_.topic_of(number), number);
}

void Load::turn() {
  clients_.poll();
  publishing_.poll();
}

// Also returns when nothing came for so long that nothing will.
void Load::turn_until(const std::function<bool()>& done) {
  auto last = Clock::now();
  for (auto progress = tally_.progress(); !done(); turn()) {
    if (tally_.progress() != progress) {
      progress = tally_.progress();
      last = Clock::now();
    } else if (Clock::now() - last > kLongestSilence) {
      return;
    }
  }
}

void Load::on_message(std::size_t client, std::uint64_t number, std::size_t bytes) {
  if (!tally_.on_message(client, number) || !counts_ || number < first_) return;
  times_ms_.push_back(static_cast<float>(Milliseconds(Clock::now() - due(number)).count()));
  bytes_ += bytes;
}

void Load::print() const {
  auto times = times_ms_;
  std::ranges::sort(times);
  const auto at = [&times](double part) {
    return times.empty() ? 0.0 : static_cast<double>(times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))]);
  };
  const auto sums = tally_.sums();
  std::printf(R"({"expected":%zu,"received":%zu,"skipped":%zu,"missing":%zu,"doubled":%zu,"disordered":%zu,"foreign":%zu,)"
              R"("published":%zu,"deliveries":%zu,"bytes":%zu,"server_ns":%zu,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,)"
              R"("late_ms":%.3f,"opening_s":%.3f,"unread_bytes":%zu})"
              "\n", sums.expected, sums.received, sums.skipped, sums.missing, sums.doubled, sums.disordered, sums.foreign,
              tally_.published(), times.size(), bytes_, server_ns_, at(0.5), at(0.99), at(1), late_ms_, opening_s_,
              clients_.unread_bytes());
  std::fflush(stdout);
}

}  // namespace statecast::bench
