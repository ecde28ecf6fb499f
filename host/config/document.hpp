// The YAML of one configuration, from one file or several, as a tree that remembers where everything stands, and the way
// from a setting's path back to its place.
//
// Filled by read_yaml and read_includes; read-only afterwards. Only main handles it.
#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/secrets.hpp"
#include "host/config/yaml_file.hpp"

namespace statecast::host {

// The way to a setting: states, orders, sources, [0].
class Path {
 public:
  Path() = default;
  Path operator/(std::string_view key) const;
  Path operator[](std::size_t index) const;
  Path parent() const;
  Path masked(std::size_t level, std::string_view by) const;  // with the part at this level, if any, replaced
  const std::vector<std::string>& parts() const { return parts_; }
  std::string text() const;  // "states.orders.sources[0]"
  bool starts_with(const Path& other) const;

 private:
  std::vector<std::string> parts_;
};

struct YamlEntry;

struct YamlNode {
  enum class Kind { nothing, text, list, map, refused };  // refused: reported already, to be passed over

  const YamlNode* find(std::string_view key) const;  // null when there is none

  Kind kind = Kind::nothing;
  Place place;          // of the key when there is no value
  bool quoted = false;  // a quoted or block scalar is text, whatever it looks like
  bool alias = false;
  std::string tag;   // a tag that was written out
  std::string from;  // "!env NAME", when that is where the text came from: it must not be shown
  std::string text;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;
};

struct YamlEntry {
  std::string key;
  Place key_place;
  YamlNode value;
};

class Document {
 public:
  // The first file is the one that the operator named. What is returned stays where it is.
  YamlFile& add_file(std::string name, const std::string& text);

  const std::deque<YamlFile>& files() const { return files_; }
  const YamlFile& file(const Place& place) const { return files_[static_cast<std::size_t>(place.file)]; }
  const YamlNode& root() const { return root_; }
  YamlNode& root() { return root_; }

  // The values that came from typed tags.
  const std::vector<Secret>& secrets() const { return secrets_; }
  void add_secret(Secret secret) { secrets_.push_back(std::move(secret)); }

  const YamlNode* find(const Path& path) const;

  // Where the key or value stands; that of the nearest setting around it when it is not in the file.
  Place place_of_key(const Path& path) const;
  Place place_of_value(const Path& path) const;

 private:
  std::deque<YamlFile> files_;
  YamlNode root_;
  std::vector<Secret> secrets_;
};

}  // namespace statecast::host
