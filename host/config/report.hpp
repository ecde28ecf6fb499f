// Collects the diagnostics of one configuration and puts each at its place.
//
// Lives during one check, on main. The references that it returns are good until the next diagnostic is added.
#pragma once

#include <string>
#include <vector>

#include "host/config/diagnostic.hpp"
#include "host/config/document.hpp"

namespace statecast::host {

class Report {
 public:
  explicit Report(const Document& document) : document_(document) {}

  Diagnostic& at_key(const Path& path, std::string code, std::string message);
  Diagnostic& at_value(const Path& path, std::string code, std::string message);
  Diagnostic& at_place(const Path& path, Place place, std::string code, std::string message);

  // A key of the map at `map` that is there for the second time.
  void duplicate(const Path& map, const YamlEntry& second, const Place& first);

  // Whether the path may name an access token, which is never shown.
  bool is_secret(const Path& path, const Place& place) const;

  // Whether something at the path or beneath it was found wrong: what depends on it need not be reported too.
  bool has_error_in(const Path& path) const;
  bool empty() const { return entries_.empty(); }

  // "/etc/statecast/statecast.yaml:12:3", for a note that points to a second place.
  std::string where(const Path& key) const { return where(document_.place_of_key(key)); }
  std::string where(const Place& place) const;

  const Document& document() const { return document_; }

  // Everything found, in the order of the files, with nothing secret in it. The report is empty afterwards.
  std::vector<Diagnostic> take();

 private:
  struct Entry {
    Path path;
    int file;
    Diagnostic diagnostic;
  };

  Diagnostic redacted(Entry entry) const;

  const Document& document_;
  std::vector<Entry> entries_;
};

}  // namespace statecast::host
