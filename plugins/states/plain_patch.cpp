#include "plugins/states/plain_patch.hpp"

#include <algorithm>
#include <statecast/plain_json.hpp>
#include <statecast/written_json.hpp>

namespace statecast {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out.append(",\"").append(name).append("\":").append(value);
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
      append_member(out, name, value);
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

}  // namespace statecast
