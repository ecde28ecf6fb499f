#include "host/config/document.hpp"

#include <algorithm>
#include <charconv>

namespace statecast::host {
namespace {

const YamlEntry* entry_of(const YamlNode& node, std::string_view key) {
  const auto found =
      std::find_if(node.entries.begin(), node.entries.end(), [&](const YamlEntry& e) { return e.key == key; });
  return found == node.entries.end() ? nullptr : &*found;
}

const YamlNode* step(const YamlNode& node, const std::string& part) {
  if (node.kind != YamlNode::Kind::list) return node.find(part);
  std::size_t index = node.items.size();
  std::from_chars(part.data() + 1, part.data() + part.size(), index);
  return index < node.items.size() ? &node.items[index] : nullptr;
}

}  // namespace

Path Path::operator/(std::string_view key) const {
  Path longer = *this;
  longer.parts_.emplace_back(key);
  return longer;
}

Path Path::operator[](std::size_t index) const { return *this / ("[" + std::to_string(index) + "]"); }

Path Path::parent() const {
  Path shorter = *this;
  if (!shorter.parts_.empty()) shorter.parts_.pop_back();
  return shorter;
}

Path Path::masked(std::size_t level, std::string_view by) const {
  Path other = *this;
  if (level < other.parts_.size()) other.parts_[level] = by;
  return other;
}

std::string Path::text() const {
  std::string text;
  for (const std::string& part : parts_) {
    if (!text.empty() && !part.starts_with('[')) text += '.';
    text += part;
  }
  return text;
}

bool Path::starts_with(const Path& other) const {
  return other.parts_.size() <= parts_.size() && std::equal(other.parts_.begin(), other.parts_.end(), parts_.begin());
}

const YamlNode* YamlNode::find(std::string_view key) const {
  const YamlEntry* entry = entry_of(*this, key);
  return entry ? &entry->value : nullptr;
}

YamlFile& Document::add_file(std::string name, const std::string& text) {
  return files_.emplace_back(std::move(name), static_cast<int>(files_.size()), text);
}

const YamlNode* Document::find(const Path& path) const {
  const YamlNode* node = &root_;
  for (const std::string& part : path.parts()) {
    node = step(*node, part);
    if (!node) return nullptr;
  }
  return node;
}

Place Document::place_of_key(const Path& path) const {
  if (path.parts().empty()) return {};
  const YamlNode* parent = find(path.parent());
  if (!parent) return place_of_key(path.parent());
  if (const YamlEntry* entry = entry_of(*parent, path.parts().back())) return entry->key_place;
  const YamlNode* item = find(path);
  return item ? item->place : place_of_key(path.parent());
}

Place Document::place_of_value(const Path& path) const {
  const YamlNode* node = find(path);
  return node && !path.parts().empty() ? node->place : place_of_key(path);
}

}  // namespace statecast::host
