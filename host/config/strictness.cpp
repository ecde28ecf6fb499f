#include "host/config/strictness.hpp"

#include <cctype>
#include <map>

#include "host/config/typed_tags.hpp"
#include "host/config/words.hpp"

namespace statecast::host {
namespace {

class Strictness {
 public:
  Strictness(const YamlFile& file, Document& document, Report& report)
      : file_(file), document_(document), report_(report) {}

  void check(YamlNode& node, const Path& path) {
    if (node.alias)
      refuse(node, path, "alias", "aliases are not supported").fix =
          "write the value out; quote one that begins with '*'";
    else if (!check_substitution(node, path) && !node.tag.empty())
      resolve_tag(node, path);
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

  bool check_substitution(YamlNode& node, const Path& path) {
    const std::size_t begin = node.text.find("${");
    const std::size_t end = node.text.find('}', begin);
    if (begin == std::string::npos || end == std::string::npos) return false;
    const std::string written = node.text.substr(begin, end - begin + 1);
    std::size_t length = 0;
    while (std::isalnum(static_cast<unsigned char>(written[2 + length])) || written[2 + length] == '_') ++length;
    const std::string name = length == 0 ? "NAME" : written.substr(2, length);
    refuse(node, path, "substitution", "'" + written + "' would not be substituted").fix =
        "write '!env " + name + "' in place of the whole value, or the value itself";
    return true;
  }

  void resolve_tag(YamlNode& node, const Path& path) {
    if (!is_typed_tag(node.tag)) {
      Diagnostic& d = refuse(node, path, "tag", "the tag '" + node.tag + "' is not supported");
      d.hint = did_you_mean(node.tag, {"!env", "!file", "!credential"});
      d.fix = std::string("write the value without a tag, or ") + kTypedTags;
      return;
    }
    if (node.kind != YamlNode::Kind::text) {
      refuse(node, path, "tag", "the tag '" + node.tag + "' stands for text alone").fix =
          std::string("write ") + kTypedTags;
      return;
    }
    const auto value = tagged_value(node.tag, node.text, file_.folder());
    if (!value) {
      refuse(node, path, "tag", value.error().what).fix = value.error().fix;
      return;
    }
    node.from = node.tag + " " + node.text;
    node.tag.clear();
    node.text = *value;
    document_.add_secret({node.text, "<" + node.from + ">"});
  }

  void drop_duplicates(YamlNode& node, const Path& path) {
    std::map<std::string, Place> seen;
    std::erase_if(node.entries, [&](const YamlEntry& entry) {
      const auto [first, is_new] = seen.emplace(entry.key, entry.key_place);
      if (!is_new) report_.duplicate(path, entry, first->second);
      return !is_new;
    });
  }

  const YamlFile& file_;
  Document& document_;
  Report& report_;
};

}  // namespace

void check_strictly(YamlNode& root, const YamlFile& file, Document& document, Report& report) {
  Strictness(file, document, report).check(root, {});
}

}  // namespace statecast::host
