#include "plugins/states/written_merge.hpp"

#include <nlohmann/json.hpp>
#include <statecast/written_json.hpp>
#include <unordered_map>
#include <vector>

namespace statecast {
namespace {

struct Member {
  std::string_view name, value;
  bool merged = false;
};

// The members of a patch, in order, and found by what their names say.
class Patch {
 public:
  explicit Patch(std::string_view object) {
    WrittenMembers members(object);
    for (std::string_view name, value; members.next(name, value);) {
      const auto [place, first] = places_.try_emplace(unescaped(name), members_.size());
      if (first) members_.push_back({name, value});
      else members_[place->second].value = value;
    }
  }

  Member* find(std::string_view written) {
    const auto place = places_.find(unescaped(written));
    return place == places_.end() ? nullptr : &members_[place->second];
  }
  const std::vector<Member>& members() const { return members_; }

 private:
  std::vector<Member> members_;
  std::unordered_map<std::string, std::size_t> places_;
};

void append_merged(std::string& out, std::string_view target, std::string_view patch);

void append_member(std::string& out, std::string_view name, std::string_view before, std::string_view patch) {
  if (patch == "null") return;
  append_name(out += ',', name);
  append_merged(out += ':', before, patch);
}

void append_merged(std::string& out, std::string_view target, std::string_view text) {
  if (!text.starts_with('{')) return append_compact(out, text);
  const std::size_t brace = out.size();
  Patch patch(text);
  WrittenMembers members(target.starts_with('{') ? target : "{}");
  for (std::string_view name, value; members.next(name, value);) {
    if (Member* const member = patch.find(name)) {
      member->merged = true;
      append_member(out, name, value, member->value);
    } else {
      append_name(out += ',', name);
      append_compact(out += ':', value);
    }
  }
  for (const Member& member : patch.members())
    if (!member.merged) append_member(out, member.name, {}, member.value);
  if (out.size() == brace) out += '{';
  out[brace] = '{';  // for the first comma
  out += '}';
}

}  // namespace

std::string merged_as_written(std::string_view object, std::string_view patch) {
  std::string out;
  out.reserve(object.size() + patch.size());
  append_merged(out, object, patch.substr(detail::skip_space(patch, 0)));
  return out;
}

void append_compact(std::string& out, std::string_view value) {
  for (std::size_t at = 0; at < value.size();) {
    const char c = value[at];
    const std::size_t end = c == '"' ? detail::skip_text(value, at) : at + 1;
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out.append(value, at, end - at);
    at = end;
  }
}

void append_name(std::string& out, std::string_view written) {
  if (written.find('\\') == written.npos) out.append(1, '"').append(written).append(1, '"');
  else out += nlohmann::json(unescaped(written)).dump();
}

}  // namespace statecast
