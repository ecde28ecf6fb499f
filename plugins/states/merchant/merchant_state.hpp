// The merchants of a platform: folds what happens to their menus, opening times and promotions, and shows it to every
// client.
//
// Owned by the host; every call comes on its lane. With partitions, each instance holds the merchants of its own ids.
#pragma once

#include <map>
#include <set>
#include <statecast/state.hpp>
#include <utility>

#include "plugins/states/merchant/merchant.hpp"

namespace statecast::merchant {

class MerchantState final : public State {
 public:
  // The views.
  static constexpr const char* kStaff = "staff";    // everything; where no field is for staff only, all are `public`
  static constexpr const char* kPublic = "public";  // everything but the staff-only fields

  explicit MerchantState(const Instance& instance)
      : settings_(Settings::read(instance.settings)), host_(instance.host), bound_(host_, "merchants", settings_.all) {}

  void apply(const Event& event, const Changes& changes) override;
  void refresh(std::int64_t now_us, const Changes& changes) override;
  Admission admit(const Client& client, std::string_view topic) override;
  void list(std::string_view topic, std::string_view after_key, std::size_t max, const Keys& keys) override;
  bool render(std::string_view key, std::string_view view, const Sink& json) override;
  void load(std::string_view version, std::string_view key, std::string_view bytes) override;
  bool save(std::string_view key, const Sink& bytes) override;

 private:
  struct Entry {
    Merchant merchant;
    std::optional<std::int64_t> due_us;  // its place in due_
    std::size_t counted_bytes = 0;
  };
  using Merchants = std::map<std::string, Entry, std::less<>>;  // by id

  bool fold_plainly(const Event& event, const Changes& changes);
  bool fold(const Event& event, const Json& fields, Merchant& merchant) const;
  void tell(const Event& event, const Merchants::value_type& entry, const Changes& changes) const;
  void watch(Merchants::value_type& entry);
  void run_out(Merchants::value_type& entry, std::int64_t now_us, const Changes& changes);
  void check_room(std::string_view id) const;
  Merchants::value_type& insert(std::string_view id, Merchant merchant);
  void count_bytes(Merchants::value_type& entry);

  Settings settings_;
  const Host host_;
  Bound bound_;
  PlainPatch patch_;  // of the event under way
  Merchants merchants_;
  std::int64_t refreshed_us_ = INT64_MAX;  // by the clock at the last refresh
  std::set<std::pair<std::int64_t, std::string_view>> due_;  // (when it runs out, merchant): views into merchants_
};

}  // namespace statecast::merchant
