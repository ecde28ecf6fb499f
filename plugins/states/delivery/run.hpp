// One delivery run, and how RunUpdated changes it. Owned by a DeliveryState, on its lane.
//
// What clients see of it is kept as the JSON text that they are sent. A function that throws Rejection has changed
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/states/delivery/event_fields.hpp"
#include "plugins/states/delivery/settings.hpp"
#include "plugins/states/idle_queue.hpp"
#include "plugins/states/plain_patch.hpp"

namespace statecast::delivery {

class Run {
 public:
  // Merges the fields of an event of this time into the run, which may be new: true when its data is another than
  // before. A run that has ended stays as it is: the event may only repeat what is there.
  bool update(const Json& fields, std::string_view data, std::int64_t time_us, const Settings::Statuses& ended_statuses);

  // The same for an event as most are, with which the run goes on under the same driver and with the same orders; nothing =
  // it is for update to judge.
  std::optional<bool> go_on(const PlainPatch& patch, const Settings::Statuses& ended_statuses);

  const std::string& data() const { return data_; }      // JSON object
  const std::string& driver() const { return driver_; }  // empty = none
  bool ended() const { return ended_at_.has_value(); }

  // The orders that it has under way: none once it has ended.
  std::vector<std::string> orders() const { return ended() ? std::vector<std::string>() : orders_; }

  // Whether it ended so long before this time.
  bool ended_before(std::int64_t time_us) const { return ended_at_ && *ended_at_ < time_us; }

  // An end of a later time than this happens at this time. True when it was one.
  bool bring_end_back_to(std::int64_t time_us);

  // For the books of its DeliveryState; only the time of the last event is saved.
  Activity activity;
  std::size_t counted_bytes = 0;
  // The orders are in the data, in a list, and each with its carrier.
  static constexpr std::size_t kOrderBytes = 200;
  std::size_t bytes() const { return data_.size() + driver_.size() + kOrderBytes * orders_.size(); }

  // The bytes of one saved run, and of its orders those that it carries (see orders.hpp). Throws Rejection when they
  // are none.
  static Run load(std::string_view bytes, std::vector<std::string>& carried);
  std::string save(const std::vector<std::string>& carried) const;

 private:
  bool replace_data(std::string text, const Json& value);
  bool replace_text(std::string text);

  std::string data_, driver_;
  std::vector<std::string> orders_;
  std::optional<std::int64_t> ended_at_;  // time of the event that ended it
};

}  // namespace statecast::delivery
