// One merchant: whether it is open, its menu and its promotions, and how each event changes them. Owned by a
// MerchantState, on its lane.
//
// It holds what the events said; what has run out by the clock is only marked, never forgotten, so that the same events
// give the same merchant whenever refresh ran between them. Parts are kept as the JSON text that clients are sent. A
// function that throws Rejection has changed nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "plugins/states/merchant/event_fields.hpp"
#include "plugins/states/merchant/settings.hpp"
#include "plugins/states/plain_patch.hpp"

namespace statecast::merchant {

class Merchant {
 public:
  // RestaurantStatusChanged, MenuItemUpdated and PromotionPublished: true when they made a difference. What the event's
  // own time says has run out is shown as such at once. `data` is what the fields were read from.
  bool change_status(const Json& fields, std::string_view data, std::int64_t event_us, const Settings& settings);
  bool update_item(std::string_view item, const Json& fields, std::string_view data, const Settings& settings);
  // MenuItemUpdated as most are, of an item that is there; nothing = it is for update_item to judge.
  std::optional<bool> update_item(std::string_view item, PlainPatch& patch, const Settings& settings);
  bool publish(std::string_view promotion, const Json& fields, std::string_view data, std::int64_t event_us,
               const Settings& settings);

  // Marks what has run out by now: a status whose `until` has passed turns over, a promotion that has ended vanishes. What
  // had run out by a clock that was put back comes again. True when anything did either.
  bool run_out(std::int64_t now_us);
  // When run_out will next have something to do.
  std::optional<std::int64_t> runs_out_at() const;

  // The whole visible merchant, a JSON object, without the `hidden` fields of itself, its items and its promotions.
  std::string data(std::span<const std::string> hidden) const;

  std::size_t bytes() const { return bytes_; }

  // The bytes of one saved merchant. Throws Rejection when they are none.
  static Merchant load(std::string_view bytes);
  std::string save() const;

 private:
  struct Status {
    bool open;
    std::string until;  // RFC 3339; empty = until further notice
    std::int64_t until_us = 0;
    bool over = false;  // `until` has passed: the opposite holds

    bool runs_out() const { return !until.empty() && !over; }
    bool same_as(const Status& other) const { return open == other.open && until == other.until; }
  };
  struct Promotion {
    std::string text;
    std::int64_t ends_us = 0;
    bool over = false;  // `endsAt` has passed: nobody sees it

    void set_end(std::int64_t time_us) {
      over = over && time_us == ends_us;
      ends_us = time_us;
    }
  };
  using Promotions = std::map<std::string, Promotion, std::less<>>;

  static Status read_status(const Json& fields);
  bool replace_item(std::string& before, std::string after, const Settings& settings);
  bool remove_item(std::string_view item);
  bool remove_promotion(std::string_view promotion);
  // Where one more promotion would be one too many: the one that gives way, having ended by the event's time.
  Promotions::iterator ended_first(std::int64_t event_us, const Settings& settings);
  void check_growth(std::size_t before, std::size_t after, const Settings& settings) const;
  void replace(std::string& text, std::string with);
  void load_parts(const Json& saved, std::string_view bytes);
  void load_status(const Json& saved);

  std::optional<Status> status_;                           // nothing = no event has told
  std::string fields_ = "{}";                              // a JSON object: what passed through with the status
  std::map<std::string, std::string, std::less<>> items_;  // by id
  Promotions promotions_;                                  // by id
  std::size_t bytes_ = 2;                                  // of fields_, items_ and promotions_
};

}  // namespace statecast::merchant
