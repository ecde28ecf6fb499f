// What the events must carry in `data`. Fields beside those named here are the platform's own and pass through.
//
// Every check throws Rejection with a sentence that names the field. Thread role: lane.
#pragma once

#include "plugins/states/fields.hpp"
#include "plugins/states/plain_patch.hpp"

namespace statecast::merchant {

// RestaurantStatusChanged: `open`, and `until` when it is known how long that holds.
void check_status(const Json& fields);

// MenuItemUpdated: a new item is whole; of one that is there, what changed is enough.
void check_item(const Json& fields, bool is_new);

// Whether it is a MenuItemUpdated of an item that is there, with which nothing can be wrong.
bool is_plain_item(const PlainPatch& patch);

// PromotionPublished, likewise.
void check_promotion(const Json& fields, bool is_new);

// Whether the event takes its item or promotion away: `"removed": true`, beside which nothing counts.
bool is_removal(const Json& fields);

// A time that was checked, as microseconds since 1970-01-01 UTC.
std::int64_t time_of(const Json& time);

}  // namespace statecast::merchant
