// What all parts of the platform share: its settings, chance, clock, and the journal of what has happened.
//
// Owned by the Platform; one thread at a time, the one that reads.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <statecast/rfc3339.hpp>
#include <string>

#include "plugins/sources/simulator/agenda.hpp"
#include "plugins/sources/simulator/dice.hpp"
#include "plugins/sources/simulator/settings.hpp"

namespace statecast::simulator {

// Its objects keep their members in the order in which they are written.
using Json = nlohmann::ordered_json;

// One event of the platform, before it has an envelope.
struct Happening {
  Moment moment = 0;
  std::uint64_t number = 0;  // from 1, without a hole
  const char* type = "";
  std::string subject, data;
};

// From the platform's own time to that in the events.
class Calendar {
 public:
  Calendar(std::int64_t start_us, double speed) : start_us_(start_us), us_a_moment_(1000 / speed) {}

  std::int64_t us(Moment moment) const {
    return start_us_ + static_cast<std::int64_t>(static_cast<double>(moment) * us_a_moment_);
  }
  std::string text(Moment moment) const { return format_rfc3339(us(moment)); }

 private:
  const std::int64_t start_us_;
  const double us_a_moment_;
};

struct World {
  const Settings settings;
  const std::string tag;  // in every id that must not come twice
  Dice dice;
  const Calendar calendar;
  Agenda agenda{};
  std::deque<Happening> journal{};  // what has happened and was not taken yet
  std::uint64_t happenings = 0;
  bool over = false;  // the last order has ended: nobody moves any more

  void tell(const char* type, std::string subject, const Json& data) {
    journal.push_back({agenda.now(), ++happenings, type, std::move(subject), data.dump()});
  }

  // "o-k3f9x-17"
  std::string id(const char* kind, std::uint64_t number) const {
    return std::string(kind) + "-" + tag + "-" + std::to_string(number);
  }
};

// An amount as the events carry it: 1250 cents are 12.5.
inline double money(std::int64_t cents) { return static_cast<double>(cents) / 100; }

}  // namespace statecast::simulator
