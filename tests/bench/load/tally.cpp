#include "tests/bench/load/tally.hpp"

namespace statecast::bench {

Tally::Tally(const Plan& plan, std::uint64_t messages, std::size_t first)
    : plan_(plan),
      first_(first),
      rows_(messages == 0 ? 0 : plan.row_of(messages - 1) + 1),
      followers_(plan.topics()),
      next_row_(plan.clients() * plan.each()),
      seen_(next_row_.size() * rows_) {
  for (std::size_t client = first; client < plan.clients(); ++client)
    for (std::size_t place = 0; place < plan.each(); ++place) ++followers_[plan.topic_of(client, place)];
}

void Tally::on_published() { sums_.expected += followers_[plan_.topic_of(published_++)]; }

bool Tally::on_message(std::size_t client, std::uint64_t number) {
  if (client < first_) return false;
  const auto place = plan_.place_of(client, plan_.topic_of(number));
  if (number >= published_ || !place) return ++sums_.foreign, false;
  const std::size_t subscription = client * plan_.each() + *place, row = plan_.row_of(number);
  auto seen = seen_[subscription * rows_ + row];
  if (seen) return ++sums_.doubled, false;
  seen = true;
  ++sums_.received;
  auto& next = next_row_[subscription];
  if (row < next) return ++sums_.disordered, true;
  progress_ += row + 1 - next;
  next = static_cast<std::uint32_t>(row + 1);
  return true;
}

Tally::Sums Tally::sums() const {
  Sums out = sums_;
  out.skipped = progress_ - out.received;
  out.missing = out.expected - progress_;
  return out;
}

}  // namespace statecast::bench
