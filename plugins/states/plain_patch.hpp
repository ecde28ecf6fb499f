// A merge patch (RFC 7396) of the plainest kind, as most events carry: a flat object of texts without escapes, numbers, true,
// false and null, each name once. It is merged into the text of an object as merged_as_written does, with no memory but for the
// result.
//
// What is not so plain is left to the careful reader (fields.hpp), which also says what is wrong. Its views are of the data
// that was read. Owned by a State, on its lane.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace statecast {

class PlainPatch {
 public:
  // False = the data is not so plain: nothing is known of it.
  bool read(std::string_view data);

  // The value as it was written, a text with its quotes; nothing = there is no such member.
  std::optional<std::string_view> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  // What is between the quotes; nothing = the member is no text, or there is none.
  std::optional<std::string_view> text(std::string_view name) const;
  // Whether the member says no more than this text, or is absent.
  bool repeats(std::string_view name, std::string_view text) const { return !has(name) || this->text(name) == text; }

  // Leaves the member out of what is merged.
  void leave_out(std::string_view name);

  // The object with the patch merged into it: members that are there keep their places, others come last. `object` is what
  // merged_as_written made, and so is the result.
  std::string merged_into(std::string_view object) const;

 private:
  static constexpr std::size_t kMostMembers = 16, kMostBytes = 4096;
  struct Member {
    std::string_view name, value;
  };

  bool add(std::string_view name, std::string_view value);

  std::array<Member, kMostMembers> members_;
  std::size_t size_ = 0;
};

}  // namespace statecast
