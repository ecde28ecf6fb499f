#include "host/config/yaml_reader.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <boost/locale/utf.hpp>
#include <cstdio>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "host/config/strictness.hpp"
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
  explicit TreeBuilder(const YamlFile& file) : file_(file) {}

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
    node.place = file_.place(mark.line, mark.column);
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
    std::string_view rest = file_.line(mark.line + 1);
    rest.remove_prefix(std::min(rest.size(), static_cast<std::size_t>(mark.column)));
    if (const std::size_t text = rest.find(node.text); !node.tag.empty() && text != std::string_view::npos)
      return characters(rest.substr(0, text + node.text.size()));
    if (!node.quoted && rest.starts_with(node.text)) return characters(node.text);
    if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) return 1;
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != rest[0]) end += rest[end] == '\\' && rest[0] == '"' ? 2 : 1;
    return characters(rest.substr(0, end + 1));
  }

  const YamlFile& file_;
  std::vector<Frame> stack_;
  YamlNode root_;
  int documents_ = 0;
};

// yaml-cpp takes 0x04 for the end of its input, and invalid UTF-8 for anything: neither may cut a file short unseen.
bool check_characters(const std::string& text, const YamlFile& file, Report& report) {
  namespace utf = boost::locale::utf;
  int line = 0;
  const char* line_start = text.data();
  const auto refuse = [&](const char* at, const std::string& why) {
    report.at_place({}, file.place(line, static_cast<int>(at - line_start)), "yaml", why).source_line.clear();
    return false;
  };
  for (const char *p = text.data(), *end = p + text.size(); p != end;) {
    const char* start = p;
    const utf::code_point c = utf::utf_traits<char>::decode(p, end);
    if (c == utf::illegal || c == utf::incomplete) return refuse(start, "the file is not UTF-8");
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

Place place_of(const YAML::Mark& mark, const YamlFile& file) {
  return mark.is_null() ? Place{0, 0, 1, file.number()} : file.place(mark.line, mark.column);
}

// What the syntax error most likely comes from, where that can be said.
std::string remedy(std::string_view line, int column) {
  if (line.substr(0, line.find_first_not_of(" \t")).find('\t') != std::string_view::npos)
    return "indent with spaces: YAML allows no tabs there";
  const auto at = static_cast<std::size_t>(column - 1);
  return at < line.size() && line[at] == '*' ? "quote what begins with '*'" : "";
}

std::optional<YamlNode> parse(const std::string& text, YamlFile& file, Report& report) {
  std::istringstream in(text);
  TreeBuilder builder(file);
  try {
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
    YamlNode root = builder.take();
    file.hide_tokens_in(root);
    return root;
  } catch (const Refusal& refusal) {
    file.hide_tokens_by_look();
    report.at_place({}, place_of(refusal.mark, file), "yaml", refusal.what());
  } catch (const YAML::Exception& e) {
    file.hide_tokens_by_look();
    Diagnostic& d = report.at_place({}, place_of(e.mark, file), "yaml", e.msg);
    d.fix = remedy(file.line(d.line), d.column);
  }
  return std::nullopt;
}

}  // namespace

std::optional<YamlNode> read_yaml(const std::string& text, YamlFile& file, Document& document, Report& report) {
  if (!check_characters(text, file, report)) return std::nullopt;
  std::optional<YamlNode> root = parse(text, file, report);
  if (!root || root->kind == YamlNode::Kind::nothing) return root;
  check_strictly(*root, file, document, report);
  if (root->kind == YamlNode::Kind::map) return root;
  if (root->kind != YamlNode::Kind::refused)
    report.at_place({}, root->place, "yaml", "the file must be a map of keys, such as 'version: 1'");
  return std::nullopt;
}

}  // namespace statecast::host
