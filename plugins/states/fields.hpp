// The data of an event as a State reads it: one JSON object, and checks of its members.
//
// Every check throws Rejection with a sentence that names the field as its publisher does. Thread role: lane.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace statecast {

// Its objects keep their members in the order in which they came.
using Json = nlohmann::ordered_json;

// The data of one event is at most so large; and no deeper than kDeepestData.
inline constexpr std::size_t kMaxDataBytes = 64 * 1024;

// Reads the data of an event.
Json read_object(std::string_view data);

// An object of the event, and what a publisher calls it: "data", "data.items[0]".
struct Fields {
  const Json& object;
  std::string name;

  // The value of a field that must be there, and not null.
  const Json& at(std::string_view field) const;
  // `phrase` ends the sentence "<field> must be ...".
  void check(std::string_view field, bool (*allowed)(const Json&), std::string_view phrase) const;
  // The same for a field that may be absent, though not null.
  void check_if_present(std::string_view field, bool (*allowed)(const Json&), std::string_view phrase) const;
  void check_id(std::string_view field) const;
  // Where the object repeats an id that the event has elsewhere, it must be the same: `where` names that place.
  void check_repeats(std::string_view field, std::string_view id, std::string_view where) const;
  std::string path(std::string_view field) const { return name + "." + std::string(field); }
};

bool is_text(const Json& value);
bool is_number(const Json& value);
bool is_amount(const Json& value);  // a number of at least 0
bool is_count(const Json& value);   // a whole number of at least 1
bool is_list(const Json& value);
bool is_flag(const Json& value);  // true or false
bool is_id_text(const Json& value);

inline constexpr std::string_view kAmountPhrase = "a number of at least 0";
inline constexpr std::string_view kFlagPhrase = "true or false";

}  // namespace statecast
