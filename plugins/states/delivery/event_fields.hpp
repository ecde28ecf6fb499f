// What RunUpdated, OrderCreated and OrderStatusUpdated must carry in `data`. Fields beside those named are the
// platform's own; a run's pass through.
//
// Every check throws Rejection with a sentence that names the field. Thread role: lane.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace statecast::delivery {

// Its objects keep their members in the order in which they came.
using Json = nlohmann::ordered_json;

// A run is at most so large: small enough for a client's buffer.
inline constexpr std::size_t kMaxBytes = 64 * 1024;

// Reads the data of an event about this subject. Where data names the entity itself (`own_id`: "runId"), it must be the
// subject.
Json read_fields(std::string_view subject, std::string_view data, const char* own_id);

// The members of a RunUpdated that may be changed and not removed are not null.
void check_patch(const Json& fields);

// A whole run, its patches merged.
void check_run(const Json& run);

// OrderCreated: whose the order is.
const std::string& read_customer(const Json& fields);

// OrderStatusUpdated.
const std::string& read_status(const Json& fields);

// The member as an id, or as a list of ids; empty where there is none.
std::string id_or_empty(const Json& fields, const char* name);
std::vector<std::string> ids_or_empty(const Json& fields, const char* name);

}  // namespace statecast::delivery
