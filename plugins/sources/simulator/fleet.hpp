// The drivers and their delivery runs: a driver fetches several orders from one merchant and takes them round.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "plugins/sources/simulator/merchants.hpp"

namespace statecast::simulator {

// An order that waits at its merchant, or is on its way.
struct Parcel {
  std::uint64_t order = 0;  // its number
  std::string id;           // the order's
  Place to;
  Moment ready = 0;
};

// Who hears how deliveries go.
class Deliveries {
 public:
  virtual ~Deliveries() = default;
  virtual void on_picked_up(std::uint64_t order, const std::string& driver, const std::string& run, Moment eta) = 0;
  virtual void on_new_eta(std::uint64_t order, Moment eta) = 0;
  virtual void on_arrived(std::uint64_t order, bool delivered) = 0;
};

class Fleet {
 public:
  Fleet(World& world, const Merchants& merchants, Deliveries& deliveries);

  // Enters the drivers' locations into the agenda.
  void begin();

  // An order is ready at its merchant.
  void take(std::size_t merchant, Parcel parcel);

  // No order waits for a driver or is on its way.
  bool is_empty() const { return runs_.empty() && waiting_orders_ == 0; }

 private:
  struct Driver {
    std::string id;
    Sight halted;  // where it stands, or stood before its trip
    Trip trip;
    bool on_a_run = false;
  };
  enum class StopStatus { kPending, kCompleted, kFailed };
  struct Stop {
    Parcel parcel;
    StopStatus status = StopStatus::kPending;
    Moment eta = 0;       // once completed, when it was
    Moment told_eta = 0;  // to the order
  };
  struct Run {
    std::uint64_t number;
    std::string id;
    std::size_t driver, merchant;
    const char* status = "ASSIGNED";
    std::vector<Stop> stops{};
    std::size_t completed = 0;
  };

  void locate(Driver& driver);
  Sight sight(const Driver& driver) const;
  Moment drive(Driver& driver, Place to);  // the arrival

  void dispatch(std::size_t merchant);
  void dispatch_any();
  bool due(std::size_t merchant) const;
  Driver* nearest_idle(Place place);
  void start_run(std::size_t merchant, Driver& driver);
  std::vector<Stop> load(std::size_t merchant);
  void pick_up(Run& run);
  void next_stop(Run& run);
  void hand_over(Run& run);
  void end_run(Run& run);
  void estimate(Run& run, Moment from, Place at);
  void tell(const Run& run);
  void tell_new_etas(Run& run);

  World& world_;
  const Merchants& merchants_;
  Deliveries& deliveries_;
  std::vector<Driver> drivers_;
  std::vector<std::deque<Parcel>> waiting_;  // by merchant, the one that is ready for longest first
  std::size_t waiting_orders_ = 0;
  std::map<std::uint64_t, Run> runs_;  // by number; nodes stay where they are
  std::uint64_t started_ = 0;
};

}  // namespace statecast::simulator
