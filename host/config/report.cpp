#include "host/config/report.hpp"

#include <algorithm>
#include <tuple>

namespace statecast::host {
namespace {

constexpr std::size_t kTokenLevel = 2;  // access, tokens, <token>

// A token is a key, unless tokens are listed: then the number of its entry is what tells it from others.
Path masked(const Path& path) {
  const bool is_number = path.parts().size() > kTokenLevel && path.parts()[kTokenLevel].starts_with('[');
  return is_number ? path : path.masked(kTokenLevel, "<token>");
}

}  // namespace

Diagnostic& Report::at_key(const Path& path, std::string code, std::string message) {
  return at_place(path, document_.place_of_key(path), std::move(code), std::move(message));
}

Diagnostic& Report::at_value(const Path& path, std::string code, std::string message) {
  return at_place(path, document_.place_of_value(path), std::move(code), std::move(message));
}

Diagnostic& Report::at_place(const Path& path, Place place, std::string code, std::string message) {
  const YamlFile& file = document_.file(place);
  Diagnostic d;
  d.file = file.name();
  d.line = place.line;
  d.column = place.column;
  d.length = place.length;
  d.code = std::move(code);
  d.path = is_secret(path, place) ? masked(path).text() : path.text();
  d.message = std::move(message);
  if (!file.hides(place.line)) d.source_line = file.line(place.line);
  entries_.push_back({path, place.file, std::move(d)});
  return entries_.back().diagnostic;
}

void Report::duplicate(const Path& map, const YamlEntry& second, const Place& first) {
  const std::string name = is_secret(map, second.key_place) ? "a key" : "the key '" + second.key + "'";
  at_place(map, second.key_place, "duplicate-key", name + " is there twice").notes.push_back("first: " + where(first));
}

bool Report::is_secret(const Path& path, const Place& place) const {
  return path.starts_with(Path() / "access") && document_.file(place).has_tokens();
}

bool Report::has_error_in(const Path& path) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.path.starts_with(path); });
}

std::string Report::where(const Place& place) const {
  return document_.file(place).name() + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

// A value from a tag is replaced wherever it can be told from the words around it: all of it where the diagnostic is
// about that value, in quotes elsewhere, and anywhere when it is long.
Diagnostic Report::redacted(Entry entry) const {
  Diagnostic d = std::move(entry.diagnostic);
  const YamlNode* node = document_.find(entry.path);
  const bool about_a_secret = node && !node->from.empty();
  const auto redact = [&](std::string text) {
    if (about_a_secret) text = replaced(std::move(text), node->text, "<" + node->from + ">");
    for (const Secret& secret : document_.secrets())
      text = replaced(std::move(text), "'" + secret.value + "'", secret.shown);
    return hidden(std::move(text), document_.secrets());
  };
  if (about_a_secret) d.hint.clear();  // a near miss would tell
  d.message = redact(std::move(d.message));
  d.hint = redact(std::move(d.hint));
  d.fix = redact(std::move(d.fix));
  for (std::string& note : d.notes) note = redact(std::move(note));
  return d;
}

std::vector<Diagnostic> Report::take() {
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.file, a.diagnostic.line, a.diagnostic.column) <
           std::tie(b.file, b.diagnostic.line, b.diagnostic.column);
  });
  std::vector<Diagnostic> all;
  for (Entry& entry : entries_) all.push_back(redacted(std::move(entry)));
  entries_.clear();
  return all;
}

}  // namespace statecast::host
