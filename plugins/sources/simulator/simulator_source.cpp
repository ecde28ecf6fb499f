#include "plugins/sources/simulator/simulator_source.hpp"

#include <limits>
#include <statecast/sequence.hpp>

namespace statecast::simulator {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr int kSkippedAPoll = 20'000;

class SimulatorReader final : public Reader {
 public:
  // `first`: the number of the first event to tell. `began_ns`: when the platform's first moment was, by Host::mono_ns.
  SimulatorReader(const Host& host, Waiters& waiters, std::unique_ptr<Platform> platform, std::uint64_t first,
                  const Identity& identity, const std::string& name, double pace, std::int64_t began_ns)
      : host_(host),
        waiter_(waiters),
        platform_(std::move(platform)),
        first_(first),
        tag_(identity.tag),
        name_(name),
        ns_a_moment_(pace > 0 ? 1e6 / pace : 0),
        began_ns_(began_ns) {}

  bool poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) override {
    if (!live_up_to_first()) return false;
    const std::int64_t due_ns = next_due_ns();
    const auto is_due = [&] { return host_.mono_ns() >= due_ns; };
    if (!waiter_.await(host_, std::min(deadline_ns, due_ns), is_due)) return false;
    const std::int64_t now_ns = host_.mono_ns();
    for (std::size_t told = 0; told < max && next_due_ns() <= now_ns; ++told) yield(batch);
    return true;
  }

  void interrupt() override { waiter_.interrupt(); }

 private:
  // Lives again through what an earlier reader has told. False when there is more of it than one poll should take.
  bool live_up_to_first() {
    for (int skipped = 0; skipped < kSkippedAPoll; ++skipped) {
      const Happening* next = platform_->next();
      if (next == nullptr || next->number >= first_) return true;
      platform_->take();
    }
    return false;
  }

  std::int64_t next_due_ns() {
    const Happening* next = platform_->next();
    if (next == nullptr) return kNever;
    if (ns_a_moment_ == 0) return began_ns_;
    return began_ns_ + static_cast<std::int64_t>(static_cast<double>(next->moment) * ns_a_moment_);
  }

  void yield(const Batch& batch) {
    const Happening& next = *platform_->next();
    const std::string id = tag_ + "-" + std::to_string(next.number);
    batch.event({.position = position_of(next.number),
                 .time_us = platform_->calendar().us(next.moment),
                 .id = id,
                 .source = name_,
                 .type = next.type,
                 .subject = next.subject,
                 .data = next.data,
                 .extensions = "{}"});
    platform_->take();
  }

  const Host host_;
  Waiter waiter_;
  const std::unique_ptr<Platform> platform_;
  const std::uint64_t first_;
  const std::string tag_, name_;
  const double ns_a_moment_;  // 0 = as fast as possible
  const std::int64_t began_ns_;
};

std::int64_t to_milliseconds(std::int64_t us) { return us / 1000 * 1000; }

}  // namespace

SimulatorSource::SimulatorSource(const Instance& instance)
    : host_(instance.host),
      settings_(Settings::read(instance.settings)),
      identity_(Identity::of(settings_)),
      epoch_(new_epoch()),
      name_("/simulator/" + std::string(instance.id)),
      start_us_(settings_.start_us.value_or(to_milliseconds(host_.now_us()))),
      began_ns_(host_.mono_ns()) {
  host_.info("platform '" + identity_.tag + "' begins at " + format_rfc3339(start_us_));
}

std::unique_ptr<Reader> SimulatorSource::open_reader(std::span<const Position> after) {
  const std::uint64_t first = first_after(after, 1);
  return std::make_unique<SimulatorReader>(host_, waiters_, std::make_unique<Platform>(settings_, identity_, start_us_),
                                           first, identity_, name_, settings_.pace, began_ns_);
}

}  // namespace statecast::simulator
