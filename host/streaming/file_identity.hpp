// What a lane's file is of, and what else it could be taken for: a plugin, the settings that shape what it saves, a partition,
// its sources and their histories. A file is read and written only under the identity that it was made for.
//
// A plain value. [any]
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace statecast::host {

// Facts by name: "plugin" -> "order", "setting keep" -> a fingerprint of its value, which may be a secret.
using FileIdentity = std::map<std::string, std::string>;

// Facts that are looked at one by one; all others are only compared.
inline constexpr const char* kPluginFact = "plugin";
inline constexpr const char* kPartitionFact = "partition";  // "1 of 4"
inline constexpr const char* kSourcesFact = "sources";      // "events, kitchen"
// With the id of the source or the name of the setting behind them.
inline constexpr const char* kHistoryFact = "history of ";
inline constexpr const char* kSettingFact = "setting ";

// What differs, as the rest of a sentence about a file: "it is of plugin 'merchant', not 'order'"; empty = nothing.
std::string difference(const FileIdentity& saved, const FileIdentity& now);

// The ending of a file that is kept aside: "merchant-0123456789abcdef".
std::string ending_of(const FileIdentity& identity);

// Adds the plugin's settings (a JSON object), but for those of which its schema says that they do not shape what is saved, and
// those that are as it says by default: a plugin that gets a new setting is one of another version, and what was saved is
// offered to it.
void add_settings(FileIdentity& identity, std::string_view settings, std::string_view schema);

}  // namespace statecast::host
