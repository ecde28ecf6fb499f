// What the events must carry in `data`. Fields beside the required ones are the platform's own and pass through.
//
// Every check throws Rejection with a sentence that names the field. Thread role: lane.
#pragma once

#include "plugins/states/fields.hpp"

namespace statecast::order {

// An order is at most so large: small enough for a client's buffer.
inline constexpr std::size_t kMaxBytes = 64 * 1024;

// Reads the data of an event about this order. An orderId in it must be the order's.
Json read_fields(std::string_view order, std::string_view data);

void check_created(const Json& fields);        // OrderCreated
void check_payment(const Json& fields);        // PaymentProcessed
void check_status_update(const Json& fields);  // OrderStatusUpdated

}  // namespace statecast::order
