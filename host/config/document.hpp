// A YAML file as a tree that remembers where everything stands, and the way from a setting's path back to its place.
//
// Made by read_document (see yaml_reader.hpp); read-only afterwards. Only main handles it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace statecast::host {

// Where a key or a value stands: from 1, in characters. Line 0 = the file as a whole.
struct Place {
  int line = 0, column = 0, length = 1;
};

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
  std::string tag;  // a tag that was written out
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
  Document() = default;
  Document(std::string file, const std::string& text);

  const std::string& file() const { return file_; }
  std::filesystem::path folder() const { return std::filesystem::absolute(file_).parent_path(); }
  const YamlNode& root() const { return root_; }
  YamlNode& root() { return root_; }

  // The line as written, empty beyond the end of the file.
  std::string_view line(int number) const;

  // A byte offset within a line, from 0, as a column in characters, from 1.
  int column_of_byte(int line, int byte) const;

  const YamlNode* find(const Path& path) const;

  // Where the key or value stands; that of the nearest setting around it when it is not in the file.
  Place place_of_key(const Path& path) const;
  Place place_of_value(const Path& path) const;

 private:
  std::string file_;
  std::vector<std::string> lines_;
  YamlNode root_;
};

}  // namespace statecast::host
