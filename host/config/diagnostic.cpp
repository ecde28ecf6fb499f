#include "host/config/diagnostic.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace statecast::host {
namespace {

std::string head(const Diagnostic& d) {
  std::string text = d.file;
  if (d.line > 0) text += ":" + std::to_string(d.line) + ":" + std::to_string(d.column);
  text += ": error[" + d.code + "]: ";
  if (!d.path.empty()) text += d.path + ": ";
  return text + d.message + "\n";
}

// Tabs stay tabs, so that the caret stands under its word at any tab width.
std::string caret_indent(const Diagnostic& d) {
  std::string indent;
  int column = 1;
  for (const char c : d.source_line) {
    if (column >= d.column) break;
    const bool continues_a_character = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (continues_a_character) continue;
    indent += c == '\t' ? '\t' : ' ';
    ++column;
  }
  return indent;
}

std::string excerpt(const Diagnostic& d) {
  const std::string number = std::to_string(d.line);
  std::string text = "   " + number + " | " + d.source_line + "\n";
  text += "   " + std::string(number.size(), ' ') + " | " + caret_indent(d);
  text += std::string(static_cast<std::size_t>(std::max(1, d.length)), '^');
  if (!d.hint.empty()) text += " " + d.hint;
  return text + "\n";
}

nlohmann::ordered_json json_of(const Diagnostic& d) {
  using Json = nlohmann::ordered_json;
  const auto number = [&](int n) { return d.line > 0 ? Json(n) : Json(); };
  const auto text = [](const std::string& s) { return s.empty() ? Json() : Json(s); };
  Json notes = Json::array();
  for (const std::string& note : d.notes) notes.push_back(note.starts_with("= ") ? note.substr(2) : note);
  return {{"file", d.file},
          {"line", number(d.line)},
          {"column", number(d.column)},
          {"length", number(d.length)},
          {"severity", "error"},
          {"code", d.code},
          {"path", d.path},
          {"message", d.message},
          {"hint", text(d.hint)},
          {"fix", text(d.fix)},
          {"notes", std::move(notes)}};
}

}  // namespace

std::string format_json(const std::string& file, const std::vector<Diagnostic>& diagnostics) {
  nlohmann::ordered_json all{{"file", file}, {"ok", diagnostics.empty()}, {"diagnostics", nlohmann::ordered_json::array()}};
  for (const Diagnostic& d : diagnostics) all["diagnostics"].push_back(json_of(d));
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string format_text(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) {
    text += head(d);
    if (!d.source_line.empty())
      text += excerpt(d);
    else if (!d.hint.empty())
      text += "   " + d.hint + "\n";
    for (const std::string& note : d.notes) text += "   " + note + "\n";
    if (!d.fix.empty()) text += "   = fix: " + d.fix + "\n";
    text += "\n";
  }
  text += diagnostics.size() == 1 ? "1 error" : std::to_string(diagnostics.size()) + " errors";
  return text + ". Nothing was started.\n";
}

}  // namespace statecast::host
