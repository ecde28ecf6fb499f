// One event's JSON to its envelope: the attributes of CloudEvents 1.0, each checked, and the data as they were written.
// [any]
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace statecast::host {

// Ends the reading of one event; the caller says which.
struct Refusal {
  std::string detail;
  unsigned status = 400;
  std::optional<std::size_t> index{};
};

struct Envelope {
  std::string id, source, type, subject, data = "null";
  std::int64_t time_us = 0;
  std::string extensions;       // the other attributes as members of a JSON object, in the order they came; empty = none
  bool versioned = false;       // whether it says that it is a CloudEvent
};

// What an event may leave out, and what stands for it then.
struct Defaults {
  std::int64_t now_us = 0;
  bool short_form = false;  // the type alone is enough
  std::string_view id{};    // of a short form; empty = made up
};

// A whole document, within limits that keep its walkers safe. Throws Refusal.
nlohmann::json parse_document(std::string_view text);

// One event's own text. Throws Refusal.
Envelope read_envelope(std::string_view text, const Defaults& defaults);
// The same, when it was parsed as a part of a document.
Envelope read_envelope(const nlohmann::json& object, std::string_view text, const Defaults& defaults);

// One attribute, null for an absent one. Throws Refusal.
void set_attribute(Envelope& event, const std::string& name, const nlohmann::json& value);

// One of those that CloudEvents does not know, whose value is JSON.
void add_extension(Envelope& event, std::string_view name, std::string_view value);

// What every parser would pass over in silence, or each in its own way. `name` is what the value is called. Throws Refusal.
void check_members(std::string_view value, std::string_view name);
void check_depth(std::string_view data);

// What remains to be checked when all attributes are set. Throws Refusal.
void check(const Envelope& event);

// 'name', as messages write it.
std::string in_quotes(std::string_view name);

}  // namespace statecast::host
