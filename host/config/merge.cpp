#include "host/config/merge.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace statecast::host {
namespace {

using Kind = YamlNode::Kind;

// How deep the map of one instance or token lies.
constexpr std::pair<std::string_view, std::size_t> kWhole[] = {
    {"sources", 2}, {"states", 2}, {"transports", 2}, {"access", 3}};

bool is_whole(const Path& path) {
  return std::any_of(std::begin(kWhole), std::end(kWhole), [&](const auto& section) {
    return path.parts().front() == section.first && path.parts().size() == section.second;
  });
}

class Merger {
 public:
  explicit Merger(Report& report) : report_(report) {}

  void merge_maps(YamlNode& into, YamlNode from, const Path& path) {
    for (YamlEntry& later : from.entries) {
      const auto first = std::find_if(into.entries.begin(), into.entries.end(),
                                      [&](const YamlEntry& entry) { return entry.key == later.key; });
      if (first == into.entries.end())
        into.entries.push_back(std::move(later));
      else
        merge_entries(*first, std::move(later), path);
    }
  }

 private:
  void merge_entries(YamlEntry& first, YamlEntry later, const Path& map) {
    YamlNode &into = first.value, &from = later.value;
    const Path path = map / first.key;
    if (from.kind == Kind::refused || into.kind == Kind::refused) {
      into.kind = Kind::refused;
    } else if (path.parts().size() == 1 && first.key == "version") {
      check_version(first, later);
    } else if (is_whole(path) || into.kind != from.kind || into.kind == Kind::text) {
      merge_unlike(first, std::move(later), map);
    } else if (into.kind == Kind::map) {
      merge_maps(into, std::move(from), path);
    } else {
      std::move(from.items.begin(), from.items.end(), std::back_inserter(into.items));
    }
  }

  // A section that was left empty gives way.
  void merge_unlike(YamlEntry& first, YamlEntry later, const Path& map) {
    if (map.parts().empty() && first.value.kind == Kind::nothing)
      first = std::move(later);
    else if (!(map.parts().empty() && later.value.kind == Kind::nothing))
      report_.duplicate(map, later, first.key_place);
  }

  void check_version(const YamlEntry& first, const YamlEntry& later) {
    if (first.value.text == later.value.text) return;
    Diagnostic& d = report_.at_place(Path() / "version", later.value.place, "version",
                                     "the files of a configuration must have one version");
    d.notes.push_back("first: " + report_.where(first.value.place));
    d.fix = "write that version here, or leave it out";
  }

  Report& report_;
};

}  // namespace

void merge(YamlNode& into, YamlNode from, Report& report) { Merger(report).merge_maps(into, std::move(from), {}); }

}  // namespace statecast::host
