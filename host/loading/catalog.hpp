// The plugins that were found: every descriptor of every library that loaded, its manifest read once, and a sentence
// for each library that was refused.
//
// Made once by main before anything starts, then read-only and shared by all. Libraries stay mapped for ever.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/result.hpp"
#include "plugin-api/include/statecast/abi/entry.h"

namespace statecast::host {

// What a State consumes that gets every event, whatever its type.
inline constexpr std::string_view kEveryType = "*";

struct Manifest {
  struct Consumes {
    std::string type;  // CloudEvents type, or kEveryType
    std::string key;   // JSON pointer: "/subject" or into /data
  };
  struct Topic {
    std::string prefix;
    bool appended = false;
    bool spans_all = false;          // every topic of the prefix lives on every partition
    std::vector<std::string> spans;  // else these names do
  };
  struct Encoding {
    std::string name;
    std::uint32_t bare;  // the same encoding without cursors; itself when it has none
  };
  struct Route {
    std::string path;   // "/api/v1/realtime/orders/{id}/stream"
    std::string topic;  // "orders/{id}"; empty = from the query
  };

  std::string settings_schema;  // JSON text of the draft-07 object, "{}" when the plugin takes no settings
  std::vector<Consumes> consumes;
  std::vector<Topic> topics;
  bool partitionable = false;
  std::vector<Encoding> encodings;
  std::vector<Route> routes;
  std::string upgrade;
  bool heartbeat_answered = false;
  bool appends = false;
  bool exclusive = false;
  bool feeds = false;
};

struct Plugin {
  std::uint32_t kind = 0;  // SC_KIND_*
  std::string id, version, summary;
  std::string package, package_version;
  std::filesystem::path library;
  Manifest manifest;
  const void* functions = nullptr;

  const sc_state& state() const { return *static_cast<const sc_state*>(functions); }
  const sc_transport& transport() const { return *static_cast<const sc_transport*>(functions); }
  const sc_source& source() const { return *static_cast<const sc_source*>(functions); }
};

// "state", "transport", "source"; empty for a kind that this host does not know.
std::string_view kind_name(std::uint32_t kind);

class PluginCatalog {
 public:
  // Loads every *.so of the folders, in order of name. Never fails as a whole: what was refused is in refused().
  static PluginCatalog load(const std::vector<std::filesystem::path>& folders);

  PluginCatalog() = default;
  PluginCatalog(std::vector<std::unique_ptr<Plugin>> plugins, std::vector<Error> refused,
                std::vector<std::filesystem::path> searched)
      : plugins_(std::move(plugins)), refused_(std::move(refused)), searched_(std::move(searched)) {}

  const Plugin* find(std::uint32_t kind, std::string_view id) const;
  const std::vector<std::unique_ptr<Plugin>>& plugins() const { return plugins_; }
  const std::vector<Error>& refused() const { return refused_; }
  const std::vector<std::filesystem::path>& searched() const { return searched_; }

 private:
  void load_folder(const std::filesystem::path& folder);

  std::vector<std::unique_ptr<Plugin>> plugins_;
  std::vector<Error> refused_;
  std::vector<std::filesystem::path> searched_;
};

// Reads a manifest and checks it against what `kind` may say.
Result<Manifest> read_manifest(std::uint32_t kind, std::string_view json);

}  // namespace statecast::host
