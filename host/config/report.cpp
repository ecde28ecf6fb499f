#include "host/config/report.hpp"

#include <algorithm>
#include <tuple>

namespace statecast::host {
namespace {

constexpr std::size_t kTokenLevel = 2;  // access, tokens, <token>

}  // namespace

Diagnostic& Report::at_key(const Path& path, std::string code, std::string message) {
  return at_place(path, document_.place_of_key(path), std::move(code), std::move(message));
}

Diagnostic& Report::at_value(const Path& path, std::string code, std::string message) {
  return at_place(path, document_.place_of_value(path), std::move(code), std::move(message));
}

Diagnostic& Report::at_place(const Path& path, Place place, std::string code, std::string message) {
  Diagnostic d;
  d.file = document_.file();
  d.line = place.line;
  d.column = place.column;
  d.length = place.length;
  d.code = std::move(code);
  const bool secret = is_secret(path);
  d.path = secret ? path.masked(kTokenLevel, "<token>").text() : path.text();
  d.message = std::move(message);
  if (!secret) d.source_line = document_.line(place.line);
  entries_.push_back({path, std::move(d)});
  return entries_.back().diagnostic;
}

bool Report::is_secret(const Path& path) const {
  const Path access = Path() / "access";
  const YamlNode* rules = document_.find(access);
  return path.starts_with(access) && rules && rules->kind == YamlNode::Kind::map;
}

bool Report::has_error_in(const Path& path) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.path.starts_with(path); });
}

std::string Report::where(const Place& place) const {
  return document_.file() + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::vector<Diagnostic> Report::take() {
  std::vector<Diagnostic> all;
  for (Entry& entry : entries_) all.push_back(std::move(entry.diagnostic));
  entries_.clear();
  std::stable_sort(all.begin(), all.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return all;
}

}  // namespace statecast::host
