#include "host/config/yaml_reader.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <boost/locale/utf.hpp>
#include <cstdio>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "host/config/words.hpp"

namespace statecast::host {
namespace {

constexpr std::size_t kDeepestNesting = 32;

struct Refusal : std::runtime_error {
  Refusal(const YAML::Mark& where, const std::string& why) : std::runtime_error(why), mark(where) {}
  YAML::Mark mark;
};

// Builds our own tree from yaml-cpp's events: its nodes drop duplicate keys, and expand aliases however often.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Document& document) : document_(document) {}

  YamlNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw Refusal(mark, "a second document begins here; the configuration is one document");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { complete({}, mark); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    YamlNode node = node_at(mark, YamlNode::Kind::text, "?");
    node.alias = true;
    complete(std::move(node), mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    YamlNode node = node_at(mark, YamlNode::Kind::text, tag);
    node.quoted = tag == "!";
    node.text = value;
    node.place.length = source_length(mark, node);
    complete(std::move(node), mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(node_at(mark, YamlNode::Kind::list, tag), mark);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    open(node_at(mark, YamlNode::Kind::map, tag), mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    YamlNode node;
    YAML::Mark mark;
    std::optional<YamlEntry> pending;  // of a map: its key is there, its value not yet
  };

  YamlNode node_at(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& tag) const {
    YamlNode node;
    node.kind = kind;
    node.place = {mark.line + 1, document_.column_of_byte(mark.line + 1, mark.column), 1};
    if (tag != "?" && tag != "!") node.tag = tag;
    return node;
  }

  void open(YamlNode node, const YAML::Mark& mark) {
    if (stack_.size() >= kDeepestNesting)
      throw Refusal(mark, "nested more than " + std::to_string(kDeepestNesting) + " deep");
    stack_.push_back({std::move(node), mark, std::nullopt});
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    complete(std::move(frame.node), frame.mark);
  }

  void complete(YamlNode node, const YAML::Mark& mark) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.kind == YamlNode::Kind::list) {
      if (node.place.line == 0) node.place = frame.node.place;
      frame.node.items.push_back(std::move(node));
    } else if (!frame.pending) {
      frame.pending = key_from(std::move(node), mark);
    } else {
      if (node.place.line == 0) node.place = frame.pending->key_place;
      frame.pending->value = std::move(node);
      frame.node.entries.push_back(std::move(*frame.pending));
      frame.pending.reset();
    }
  }

  static YamlEntry key_from(YamlNode node, const YAML::Mark& mark) {
    if (node.kind != YamlNode::Kind::text || node.alias || !node.tag.empty())
      throw Refusal(mark, "a key must be plain text");
    return {std::move(node.text), node.place, {}};
  }

  // How many characters of its first line a scalar takes as written; quotes and escapes make that differ from its
  // value.
  int source_length(const YAML::Mark& mark, const YamlNode& node) const {
    std::string_view rest = document_.line(mark.line + 1);
    rest.remove_prefix(std::min(rest.size(), static_cast<std::size_t>(mark.column)));
    if (!node.quoted && rest.starts_with(node.text)) return characters(node.text);
    if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) return 1;
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != rest[0]) end += rest[end] == '\\' && rest[0] == '"' ? 2 : 1;
    return characters(rest.substr(0, end + 1));
  }

  const Document& document_;
  std::vector<Frame> stack_;
  YamlNode root_;
  int documents_ = 0;
};

// yaml-cpp takes 0x04 for the end of its input, and invalid UTF-8 for anything: neither may cut a file short unseen.
bool check_characters(const std::string& text, const Document& document, Report& report) {
  namespace utf = boost::locale::utf;
  int line = 1;
  const char* line_start = text.data();
  const auto refuse = [&](const char* at, const std::string& why) {
    const Place place{line, document.column_of_byte(line, static_cast<int>(at - line_start)), 1};
    report.at_place({}, place, "yaml", why).source_line.clear();
    return false;
  };
  for (const char *p = text.data(), *end = p + text.size(); p != end;) {
    const char* start = p;
    const utf::code_point c = utf::utf_traits<char>::decode(p, end);
    if (c == utf::illegal || c == utf::incomplete) {
      return refuse(start, "the file is not UTF-8");
    }
    if (c == '\n') {
      ++line;
      line_start = p;
    } else if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7F) {
      char code[8];
      std::snprintf(code, sizeof code, "0x%02X", static_cast<unsigned>(c));
      return refuse(start, std::string("control character ") + code);
    }
  }
  return true;
}

Place place_of(const YAML::Mark& mark, const Document& document) {
  if (mark.is_null()) return {};
  return {mark.line + 1, document.column_of_byte(mark.line + 1, mark.column), 1};
}

bool parse(const std::string& text, Document& document, Report& report) {
  std::istringstream in(text);
  TreeBuilder builder(document);
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
    document.root() = builder.take();
    return true;
  } catch (const Refusal& refusal) {
    report.at_place({}, place_of(refusal.mark, document), "yaml", refusal.what());
  } catch (const YAML::Exception& e) {
    Diagnostic& d = report.at_place({}, place_of(e.mark, document), "yaml", e.msg);
    const std::string_view line = document.line(d.line);
    if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos)
      d.fix = "indent with spaces: YAML allows no tabs there";
  }
  return false;
}

// Reports what YAML allows and we don't, and takes it out of the way of later checks.
class Strictness {
 public:
  explicit Strictness(Report& report) : report_(report) {}

  void check(YamlNode& node, const Path& path) {
    if (node.alias)
      refuse(node, path, "alias", "aliases are not supported").fix = "write the value out";
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
      if (is_new) return false;
      const std::string name = report_.is_secret(path) ? "a key" : "the key '" + entry.key + "'";
      Diagnostic& d = report_.at_place(path, entry.key_place, "duplicate-key", name + " is there twice");
      d.notes.push_back("first: " + report_.where(first->second));
      return true;
    });
  }

  Report& report_;
};

}  // namespace

bool read_yaml(const std::string& text, Document& document, Report& report) {
  if (!check_characters(text, document, report) || !parse(text, document, report)) return false;
  YamlNode& root = document.root();
  if (root.kind == YamlNode::Kind::nothing) {
    report.at_key({}, "yaml", "the file says nothing").fix =
        "begin with 'version: 1'; see minimal.yaml for the least that runs";
    return false;
  }
  Strictness(report).check(root, {});
  if (root.kind == YamlNode::Kind::map) return true;
  if (root.kind != YamlNode::Kind::refused)
    report.at_place({}, root.place, "yaml", "the file must be a map of keys, such as 'version: 1'");
  return false;
}

}  // namespace statecast::host
