// The tags that stand for one scalar: !env NAME, !file PATH and !credential NAME.
//
// They are resolved after YAML was parsed, so nothing in the value can become structure.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "host/result.hpp"

namespace statecast::host {

inline constexpr std::size_t kLargestTaggedValue = 64 * 1024;
inline constexpr const char* kTypedTags = "!env NAME, !file PATH or !credential NAME";

bool is_typed_tag(std::string_view tag);

// The value that a tag stands for, without the line end that files tend to close with. Relative paths are relative to
// `folder`; credentials are those of systemd, in $CREDENTIALS_DIRECTORY.
Result<std::string> tagged_value(std::string_view tag, const std::string& argument, const std::filesystem::path& folder);

}  // namespace statecast::host
