#include "host/config/strictness.hpp"

#include <map>

namespace statecast::host {
namespace {

class Strictness {
 public:
  explicit Strictness(Report& report) : report_(report) {}

  void check(YamlNode& node, const Path& path) {
    if (node.alias)
      refuse(node, path, "alias", "aliases are not supported").fix =
          "write the value out; quote one that begins with '*'";
    else if (!node.tag.empty())
      refuse(node, path, "tag", "the tag '" + node.tag + "' is not supported").fix = "write the value without a tag";
    else if (node.kind == YamlNode::Kind::text)
      check_substitution(node, path);
    for (std::size_t i = 0; i < node.items.size(); ++i) check(node.items[i], path[i]);
    drop_duplicates(node, path);
    for (YamlEntry& entry : node.entries) check(entry.value, path / entry.key);
  }

 private:
  Diagnostic& refuse(YamlNode& node, const Path& path, const char* code, std::string message) {
    node.kind = YamlNode::Kind::refused;
    node.items.clear();
    node.entries.clear();
    return report_.at_place(path, node.place, code, std::move(message));
  }

  void check_substitution(YamlNode& node, const Path& path) {
    const std::size_t begin = node.text.find("${");
    const std::size_t end = node.text.find('}', begin);
    if (begin == std::string::npos || end == std::string::npos) return;
    const std::string name = node.text.substr(begin, end - begin + 1);
    refuse(node, path, "substitution", "'" + name + "' would not be substituted").fix = "write the value itself";
  }

  void drop_duplicates(YamlNode& node, const Path& path) {
    std::map<std::string, Place> seen;
    std::erase_if(node.entries, [&](const YamlEntry& entry) {
      const auto [first, is_new] = seen.emplace(entry.key, entry.key_place);
      if (!is_new) report_.duplicate(path, entry, first->second);
      return !is_new;
    });
  }

  Report& report_;
};

}  // namespace

void check_strictly(YamlNode& root, const YamlFile&, Document&, Report& report) {
  Strictness(report).check(root, {});
}

}  // namespace statecast::host
