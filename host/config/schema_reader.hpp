// Reads YAML by a JSON Schema (draft-07) into JSON: unknown keys, types, units, required keys, enums, ranges, defaults.
//
// The host's own keys and every plugin's settings go through it. Beyond draft-07 it knows three formats: `duration` and
// `size` (integers, written with a unit) and `path` (a string; relative to the folder of the file that it is in). What else a schema
// may say is left to check_settings.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/config/document.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

class SchemaReader {
 public:
  struct Names {
    std::string owner;    // whose keys they are: "order 1.0.0"
    std::string explain;  // the command that tells more; may be empty
  };

  SchemaReader(Report& report, const nlohmann::ordered_json& schema, Names names);

  // The value with defaults filled in and units applied. What is wrong is reported and left out. Nothing in place of a
  // map counts as an empty map.
  nlohmann::json read(const YamlNode& node, const Path& path);

 private:
  using Schema = nlohmann::ordered_json;
  using Json = nlohmann::json;

  Json read_value(const YamlNode& node, const Schema& schema, const Path& path);
  Json read_map(const YamlNode& node, const Schema& schema, const Path& path);
  Json read_list(const YamlNode& node, const Schema& schema, const Path& path);
  Json read_scalar(const YamlNode& node, const Schema& schema, const Path& path);
  Json read_plain(const YamlNode& node, const Schema& schema, const Path& path);
  Json read_quantity(const YamlNode& node, const Schema& schema, const Path& path);
  bool in_range(const Json& value, const YamlNode& node, const Schema& schema, const Path& path);
  void report_type(const YamlNode& node, const Schema& schema, const Path& path);
  void report_unknown_key(const Schema& schema, const Path& map, const YamlEntry& entry);

  void fill_defaults(Json& object, const Schema& schema, const Place& place, std::size_t depth) const;
  Json default_of(const Schema& schema, const Place& place, std::size_t depth) const;
  Json absolute(const Json& text, const Place& place) const;

  Report& report_;
  const Schema& root_;
  Names names_;
  Path top_;
};

}  // namespace statecast::host
