// Who follows what, and which message goes where. Each client follows as many topics as any other; messages are numbered
// over all topics and meet them in turn, in an order that no cache foresees. A message's row is how often its topic had
// one before.
#pragma once

#include <cstdint>
#include <numeric>
#include <optional>

namespace statecast::bench {

class Plan {
 public:
  Plan(std::size_t clients, std::size_t topics, std::size_t each)
      : clients_(clients), topics_(topics), each_(each < topics ? each : topics), stride_(stride(topics)) {}

  std::size_t clients() const { return clients_; }
  std::size_t topics() const { return topics_; }
  std::size_t each() const { return each_; }  // topics of one client

  std::size_t topic_of(std::uint64_t number) const { return number % topics_ * stride_ % topics_; }
  std::size_t row_of(std::uint64_t number) const { return number / topics_; }

  std::size_t topic_of(std::size_t client, std::size_t place) const { return (client * each_ + place) % topics_; }
  // At which place among a client's topics this one is; nothing when the client does not follow it.
  std::optional<std::size_t> place_of(std::size_t client, std::size_t topic) const {
    const std::size_t place = (topic + topics_ - client * each_ % topics_) % topics_;
    return place < each_ ? std::optional(place) : std::nullopt;
  }

 private:
  // Near the golden section, and without a common divisor, so that each row meets every topic once.
  static std::size_t stride(std::size_t topics) {
    std::size_t found = topics * 618 / 1000;
    while (std::gcd(found, topics) != 1) ++found;
    return found;
  }

  std::size_t clients_, topics_, each_, stride_;
};

}  // namespace statecast::bench
