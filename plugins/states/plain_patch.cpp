#include "plugins/states/plain_patch.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <statecast/plain_json.hpp>

namespace statecast {
namespace {

// Walks over the members of an object that dump has written: without space, and right.
class WrittenMembers {
 public:
  explicit WrittenMembers(std::string_view object) : object_(object) {}

  // False when there are no more. A name comes with its escapes.
  bool next(std::string_view& name, std::string_view& value) {
    if (at_ + 1 >= object_.size() || object_[at_] == '}' || object_[at_ + 1] == '}') return false;
    const std::size_t name_at = at_ + 2;  // behind the brace or comma, and the quote
    at_ = end_of_text(name_at - 1);
    name = object_.substr(name_at, at_ - 1 - name_at);
    const std::size_t value_at = at_ + 1;
    at_ = end_of_value(value_at);
    value = object_.substr(value_at, at_ - value_at);
    return true;
  }

 private:
  // From its first quote; behind its last.
  std::size_t end_of_text(std::size_t at) const {
    do {
      at = object_.find('"', at + 1);
    } while (is_escaped(at));
    return at + 1;
  }

  bool is_escaped(std::size_t at) const {
    std::size_t backslashes = 0;
    while (object_[at - 1 - backslashes] == '\\') ++backslashes;
    return backslashes % 2 == 1;
  }

  std::size_t end_of_value(std::size_t at) const {
    if (object_[at] == '"') return end_of_text(at);
    if (object_[at] != '{' && object_[at] != '[') return object_.find_first_of(",}", at);
    for (std::size_t depth = 0;;) {
      const char c = object_[at];
      depth += c == '{' || c == '[' ? 1 : 0;
      depth -= c == '}' || c == ']' ? 1 : 0;
      at = c == '"' ? end_of_text(at) : at + 1;
      if (depth == 0) return at;
    }
  }

  std::string_view object_;
  std::size_t at_ = 0;
};

bool is_fraction(std::string_view value) { return value.front() != '"' && value.find('.') != value.npos; }

// A whole number that dump writes in the same way, or another value.
bool is_same_when_dumped(std::string_view value) {
  const bool number = value.front() == '-' || (value.front() >= '0' && value.front() <= '9');
  return !number || (value != "-0" && value.size() <= 18);
}

void append_value(std::string& out, std::string_view value) {
  if (!is_fraction(value)) {
    out.append(value);
    return;
  }
  double number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  out.append(nlohmann::json(number).dump());
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":");
  append_value(out, value);
}

}  // namespace

bool PlainPatch::read(std::string_view data) {
  size_ = 0;
  if (data.size() > kMostBytes) return false;
  PlainJson json(data);
  const auto take = [&](std::string_view name, PlainJson& value) {
    std::string_view written;
    return value.take_scalar(written) && add(name, written);
  };
  return json.take_members(take) && json.ends();
}

bool PlainPatch::add(std::string_view name, std::string_view value) {
  if (size_ == members_.size() || has(name)) return false;
  if (!is_fraction(value) && !is_same_when_dumped(value)) return false;
  members_[size_++] = {name, value};
  return true;
}

std::optional<std::string_view> PlainPatch::find(std::string_view name) const {
  for (std::size_t i = 0; i < size_; ++i)
    if (members_[i].name == name) return members_[i].value;
  return std::nullopt;
}

std::optional<std::string_view> PlainPatch::text(std::string_view name) const {
  const auto value = find(name);
  if (!value || value->front() != '"') return std::nullopt;
  return value->substr(1, value->size() - 2);
}

void PlainPatch::leave_out(std::string_view name) {
  const auto end = members_.begin() + static_cast<std::ptrdiff_t>(size_);
  size_ -= static_cast<std::size_t>(end - std::remove_if(members_.begin(), end, [&](const Member& member) { return member.name == name; }));
}

std::string PlainPatch::merged_into(std::string_view object) const {
  std::string out;
  out.reserve(object.size() + 128);
  std::array<bool, kMostMembers> merged{};
  WrittenMembers members(object);
  for (std::string_view name, value; members.next(name, value);) {
    std::size_t i = 0;
    while (i < size_ && members_[i].name != name) ++i;
    if (i == size_) {
      out.append(",\"").append(name).append("\":").append(value);
    } else {
      merged[i] = true;
      if (members_[i].value != "null") append_member(out, name, members_[i].value);
    }
  }
  for (std::size_t i = 0; i < size_; ++i)
    if (!merged[i] && members_[i].value != "null") append_member(out, members_[i].name, members_[i].value);
  if (out.empty()) return "{}";
  out.front() = '{';  // for the first comma
  return out += '}';
}

std::optional<std::string_view> written_member(std::string_view object, std::string_view wanted) {
  WrittenMembers members(object);
  for (std::string_view name, value; members.next(name, value);)
    if (name == wanted) return value;
  return std::nullopt;
}

}  // namespace statecast
