#include "plugins/sources/simulator/merchants.hpp"

#include <algorithm>
#include <array>

namespace statecast::simulator {
namespace {

constexpr std::array kNames{"Blue Door", "Old Mill", "Corner Table", "Red Lantern", "Green Fork", "Two Sisters",
                            "Harbour",   "Saffron",  "Little Oven",  "North Star"};
constexpr std::array kKinds{"Kitchen", "Noodles", "Pizza", "Grill", "Curry", "Bakery", "Sushi"};
constexpr std::array kDishes{"Tomato Soup", "Dumplings",   "Margherita",  "Green Curry",  "Falafel Plate", "Ramen",
                             "Burger",      "Caesar Salad", "Fish Tacos", "Mushroom Pie", "Fried Rice",    "Lasagne",
                             "Lemon Tart",  "Iced Tea"};
constexpr std::array kOffers{"Two for one", "Free delivery", "Lunch special", "Ten percent off"};

constexpr int kOffersAtOnce = 3;  // a merchant's; their ids come round again

std::int64_t to_ten_cents(std::int64_t cents) { return (cents + 5) / 10 * 10; }

MenuItem make_item(std::size_t merchant, std::size_t number, std::size_t first_dish, Dice& dice) {
  MenuItem item;
  item.id = "i-" + std::to_string(merchant) + "-" + std::to_string(number);
  item.name = kDishes[(first_dish + number) % kDishes.size()];
  item.list_cents = item.cents = dice.between(30, 220) * 10;
  return item;
}

Merchant make_merchant(std::size_t number, Dice& dice) {
  Merchant merchant;
  merchant.id = "m-" + std::to_string(number);
  merchant.name = kNames[(number - 1) % kNames.size()] + std::string(" ") + kKinds[(number - 1) % kKinds.size()];
  merchant.place = random_address(dice);
  merchant.until = dice.between(60, 240) * kMinute;
  const auto items = static_cast<std::size_t>(dice.between(5, 8));
  const auto first_dish = static_cast<std::size_t>(dice.between(0, kDishes.size() - 1));
  for (std::size_t i = 1; i <= items; ++i) merchant.menu.push_back(make_item(number, i, first_dish, dice));
  return merchant;
}

}  // namespace

Merchants::Merchants(World& world) : world_(world) {
  for (std::int64_t i = 1; i <= world_.settings.merchants; ++i)
    merchants_.push_back(make_merchant(static_cast<std::size_t>(i), world_.dice));
  open_ = merchants_.size();
}

void Merchants::begin() {
  for (Merchant& merchant : merchants_) {
    world_.agenda.in(0, [this, &merchant] {
      tell_status(merchant);
      for (const MenuItem& item : merchant.menu) tell_item(merchant, item);
    });
    world_.agenda.at(merchant.until, [this, &merchant] { on_until(merchant); });
  }
  world_.agenda.in(2 * kMinute, [this] { change_menu(); });
  world_.agenda.in(30 * kSecond, [this] { make_offer(); });
}

std::size_t Merchants::any_open() {
  auto i = static_cast<std::size_t>(world_.dice.between(0, static_cast<std::int64_t>(size()) - 1));
  while (!merchants_[i].open) i = (i + 1) % size();
  return i;
}

void Merchants::tell_status(const Merchant& merchant) {
  const auto [latitude, longitude] = coordinates(merchant.place);
  world_.tell("RestaurantStatusChanged", merchant.id,
              {{"open", merchant.open},
               {"until", world_.calendar.text(merchant.until)},
               {"name", merchant.name},
               {"address", address(merchant.place)},
               {"latitude", latitude},
               {"longitude", longitude}});
}

void Merchants::tell_item(const Merchant& merchant, const MenuItem& item) {
  world_.tell("MenuItemUpdated", item.id,
              {{"merchantId", merchant.id},
               {"name", item.name},
               {"price", money(item.cents)},
               {"available", item.available}});
}

// Closes for a while, unless too many are closed already: then it stays open for longer.
void Merchants::on_until(Merchant& merchant) {
  if (world_.over) return;
  const bool may_close = 2 * (open_ - 1) >= size();
  const bool was_open = merchant.open;
  merchant.open = !was_open || !may_close;
  if (merchant.open != was_open) open_ += merchant.open ? 1 : -1;
  const Moment lasts = merchant.open ? world_.dice.between(60, 240) : world_.dice.between(10, 30);
  merchant.until = world_.agenda.now() + lasts * kMinute;
  tell_status(merchant);
  world_.agenda.at(merchant.until, [this, &merchant] { on_until(merchant); });
}

void Merchants::change_menu() {
  if (world_.over) return;
  auto& merchant = merchants_[static_cast<std::size_t>(world_.dice.between(0, world_.settings.merchants - 1))];
  const auto last = static_cast<std::int64_t>(merchant.menu.size()) - 1;
  change_item(merchant, merchant.menu[static_cast<std::size_t>(world_.dice.between(0, last))]);
  world_.agenda.in(world_.dice.between(40, 150) * kSecond, [this] { change_menu(); });
}

void Merchants::change_item(Merchant& merchant, MenuItem& item) {
  const auto available = std::ranges::count_if(merchant.menu, &MenuItem::available);
  if (!item.available) {
    item.available = true;
  } else if (available > 2 && world_.dice.chance(40)) {
    item.available = false;
  } else {
    item.cents = to_ten_cents(item.list_cents * world_.dice.between(85, 115) / 100);
  }
  tell_item(merchant, item);
}

void Merchants::make_offer() {
  if (world_.over) return;
  Merchant& merchant = merchants_[any_open()];
  const std::string id = "promo-" + merchant.id + "-" + std::to_string(1 + merchant.offers++ % kOffersAtOnce);
  const std::string title = world_.dice.pick(kOffers);
  const Moment ends = world_.agenda.now() + world_.dice.between(20, 90) * kMinute;
  world_.tell("PromotionPublished", id,
              {{"merchantId", merchant.id}, {"title", title}, {"endsAt", world_.calendar.text(ends)}});
  world_.agenda.in(world_.dice.between(4, 12) * kMinute, [this] { make_offer(); });
}

}  // namespace statecast::simulator
