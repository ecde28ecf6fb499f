// publish_load: keeps a number of publishers busy on one thread, each sending its next request when the last was
// answered, and tells as one JSON object how many events were acknowledged in how many seconds.
#include <sys/epoll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

#include "tests/bench/publisher.hpp"

namespace statecast::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr std::chrono::seconds kLongestAnswer{60};

struct Options {
  std::uint16_t port = 0;
  std::size_t publishers = 1;
  RequestForm form{.type = "DriverLocationUpdated"};
  double warm_up = 0.5, seconds = 2;
};

class Load {
 public:
  explicit Load(const Options& options) : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < options.publishers; ++i) {
      auto& publisher = publishers_.emplace_back(std::make_unique<Publisher>(options.port, options.form, i));
      epoll_event interest{EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {.ptr = publisher.get()}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, publisher->descriptor(), &interest);
    }
  }
  ~Load() { ::close(epoll_); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  void run() {
    const auto begin = Clock::now();
    counted_from_ = begin + std::chrono::duration_cast<Clock::duration>(Seconds(options_.warm_up));
    counted_to_ = counted_from_ + std::chrono::duration_cast<Clock::duration>(Seconds(options_.seconds));
    for (auto& publisher : publishers_) publisher->send_next();
    under_way_ = publishers_.size();
    while (under_way_ > 0) turn();
  }

  void print() {
    std::ranges::sort(times_);
    const auto at = [this](double part) {
      return times_.empty() ? 0.0 : times_[static_cast<std::size_t>(part * static_cast<double>(times_.size() - 1))];
    };
    std::printf(R"({"acknowledged":%zu,"counted":%zu,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f})"
                "\n", acknowledged_, counted_, Seconds(counted_to_ - counted_from_).count(), at(0.5), at(0.99));
  }

 private:
  void turn() {
    std::array<epoll_event, 256> ready;
    const int n = ::epoll_wait(epoll_, ready.data(), ready.size(), std::chrono::milliseconds(kLongestAnswer).count());
    if (n == 0) throw std::runtime_error("no answer for a minute");
    for (int i = 0; i < n; ++i) {
      auto& publisher = *static_cast<Publisher*>(ready[static_cast<std::size_t>(i)].data.ptr);
      if (publisher.on_ready()) on_answer(publisher);
    }
  }

  void on_answer(Publisher& publisher) {
    const auto now = Clock::now();
    acknowledged_ += publisher.events();
    if (counted_ == 0) counted_to_ = std::max(counted_to_, now + Clock::duration(1));  // nothing tells nothing: wait for something
    if (now >= counted_from_ && now < counted_to_) {
      counted_ += publisher.events();
      times_.push_back(std::chrono::duration<double, std::milli>(now - publisher.sent_at()).count());
    }
    now < counted_to_ ? publisher.send_next() : static_cast<void>(--under_way_);
  }

  const Options options_;
  const int epoll_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::size_t under_way_ = 0, acknowledged_ = 0, counted_ = 0;
  Clock::time_point counted_from_, counted_to_;
  std::vector<double> times_;
};

}  // namespace
}  // namespace statecast::bench

int main(int argc, char** argv) try {
  statecast::bench::Options options;
  CLI::App app("Publishes to a host from many connections at once");
  app.add_option("--port", options.port)->required();
  app.add_option("--publishers", options.publishers);
  app.add_option("--events", options.form.events, "events a request; several go as NDJSON");
  app.add_option("--event-bytes", options.form.event_bytes);
  app.add_option("--type", options.form.type);
  app.add_option("--warm-up", options.warm_up, "seconds before counting begins");
  app.add_option("--seconds", options.seconds, "seconds that count");
  CLI11_PARSE(app, argc, argv);
  statecast::bench::Load load(options);
  load.run();
  load.print();
} catch (const std::exception& error) {
  std::fprintf(stderr, "publish_load: %s\n", error.what());
  return 1;
}
