#include "host/loading/library.hpp"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/shared_library.hpp>

namespace statecast::host {
namespace {

namespace dll = boost::dll;
namespace fs = std::filesystem;

const std::string kSymbolStem = "statecast_entry_v";
const std::string kThisAbi = std::to_string(SC_ABI_VERSION);
const std::string kRebuild = "rebuild the plugin with the headers of ABI " + kThisAbi;

std::string_view view(sc_str s) { return s.n == 0 ? std::string_view{} : std::string_view{s.p, s.n}; }

Error wrong_abi(const fs::path& path, std::uint32_t abi) {
  const std::string upgrade = "upgrade statecast to " + std::to_string(abi) + ".0 or later, or ";
  return {path.string() + ": built for ABI " + std::to_string(abi) + ", this host has " + kThisAbi,
          (abi > SC_ABI_VERSION ? upgrade : "") + "install a build for ABI " + kThisAbi};
}

// Who can write a library can run code as the daemon.
Result<void> check_trusted(const fs::path& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) {
    return Error{path.string() + ": cannot be read: " + std::strerror(errno),
                 "remove it from the plugin folder, or restore what it links to"};
  }
  if (!S_ISREG(file.st_mode)) {
    return Error{path.string() + ": not a regular file", "remove it from the plugin folder"};
  }
  if (file.st_uid != 0 && file.st_uid != ::geteuid()) {
    return Error{path.string() + ": owned by user " + std::to_string(file.st_uid) +
                     ", who is neither root nor the user that statecast runs as",
                 "chown root " + path.string()};
  }
  if ((file.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    const std::string who = (file.st_mode & S_IWOTH) != 0 ? "everybody" : "its group";
    return Error{path.string() + ": writable by " + who, "chmod go-w " + path.string()};
  }
  return {};
}

// A plugin's code may still be on some thread's stack when the process ends, so nothing is ever unmapped.
Result<dll::shared_library*> map_for_ever(const fs::path& path) {
  static auto& mapped = *new std::vector<std::unique_ptr<dll::shared_library>>;
  auto library = std::make_unique<dll::shared_library>();
  std::error_code error;
  library->load(path, dll::load_mode::rtld_now | dll::load_mode::rtld_local, error);
  if (error) {
    const char* said = ::dlerror();
    std::string why = said != nullptr ? said : error.message();
    if (const std::string prefix = path.string() + ": "; why.starts_with(prefix)) why.erase(0, prefix.size());
    return Error{path.string() + ": cannot be loaded: " + why,
                 "install a build of it for this machine, and the libraries that it needs"};
  }
  mapped.push_back(std::move(library));
  return mapped.back().get();
}

Error no_entry(const fs::path& path, const dll::shared_library& library) {
  constexpr std::uint32_t kNewestThinkable = 16;
  for (std::uint32_t abi = 0; abi <= kNewestThinkable; ++abi) {
    if (library.has(kSymbolStem + std::to_string(abi))) return wrong_abi(path, abi);
  }
  return {path.string() + ": not a statecast plugin: it exports no " SC_ENTRY_SYMBOL,
          "remove it from the plugin folder"};
}

Error too_small(const std::string& what, std::size_t is, std::size_t wanted) {
  return {what + ": size is " + std::to_string(is) + ", ABI " + kThisAbi + " has " + std::to_string(wanted), kRebuild};
}

Result<const sc_entry*> entry_of(const fs::path& path, const dll::shared_library& library) {
  if (!library.has(SC_ENTRY_SYMBOL)) return no_entry(path, library);
  const sc_entry* entry = library.get<const sc_entry*()>(SC_ENTRY_SYMBOL)();
  if (entry == nullptr) return Error{path.string() + ": " SC_ENTRY_SYMBOL " returned null", kRebuild};
  if (entry->abi != SC_ABI_VERSION) return wrong_abi(path, entry->abi);
  if (entry->size < sizeof(sc_entry)) return too_small(path.string() + ": entry", entry->size, sizeof(sc_entry));
  if (entry->n == 0 || entry->descriptors == nullptr) {
    return Error{path.string() + ": names no plugins", "remove it from the plugin folder"};
  }
  return entry;
}

struct Function {
  const char* name;
  std::size_t offset;
};

constexpr Function kStateFunctions[] = {
    {"create", offsetof(sc_state, create)},   {"destroy", offsetof(sc_state, destroy)},
    {"load", offsetof(sc_state, load)},       {"apply", offsetof(sc_state, apply)},
    {"refresh", offsetof(sc_state, refresh)}, {"admit", offsetof(sc_state, admit)},
    {"list", offsetof(sc_state, list)},       {"render", offsetof(sc_state, render)},
    {"save", offsetof(sc_state, save)}};

constexpr Function kTransportFunctions[] = {
    {"create", offsetof(sc_transport, create)}, {"destroy", offsetof(sc_transport, destroy)},
    {"open", offsetof(sc_transport, open)},     {"head", offsetof(sc_transport, head)},
    {"decode", offsetof(sc_transport, decode)}, {"answer", offsetof(sc_transport, answer)},
    {"encode", offsetof(sc_transport, encode)}, {"heartbeat", offsetof(sc_transport, heartbeat)},
    {"close", offsetof(sc_transport, close)}};

constexpr Function kSourceFunctions[] = {{"create", offsetof(sc_source, create)},
                                         {"destroy", offsetof(sc_source, destroy)},
                                         {"epoch", offsetof(sc_source, epoch)},
                                         {"range", offsetof(sc_source, range)},
                                         {"reader_open", offsetof(sc_source, reader_open)},
                                         {"poll", offsetof(sc_source, poll)},
                                         {"interrupt", offsetof(sc_source, interrupt)},
                                         {"reader_close", offsetof(sc_source, reader_close)}};

// What a plugin of each kind must bring.
struct Table {
  std::size_t size;
  std::span<const Function> functions;
};

Table table_of(std::uint32_t kind) {
  switch (kind) {
    case SC_KIND_STATE:
      return {sizeof(sc_state), kStateFunctions};
    case SC_KIND_TRANSPORT:
      return {sizeof(sc_transport), kTransportFunctions};
    default:
      return {sizeof(sc_source), kSourceFunctions};
  }
}

bool is_null(const void* table, std::size_t offset) {
  sc_fn function = nullptr;
  std::memcpy(&function, static_cast<const char*>(table) + offset, sizeof function);
  return function == nullptr;
}

Result<void> check_functions(const std::string& where, std::uint32_t kind, const void* functions) {
  const Table table = table_of(kind);
  if (functions == nullptr) return Error{where + ": has no functions", kRebuild};
  std::uint32_t size = 0;
  std::memcpy(&size, functions, sizeof size);  // every table begins with its size
  if (size < table.size) return too_small(where + ": functions", size, table.size);
  const auto missing =
      std::ranges::find_if(table.functions, [&](const Function& f) { return is_null(functions, f.offset); });
  if (missing != table.functions.end()) {
    return Error{where + ": function '" + missing->name + "' is missing", kRebuild};
  }
  return {};
}

bool is_legal_id(std::string_view id) {
  constexpr std::size_t kLongest = 64;
  const auto legal = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !id.empty() && id.size() <= kLongest && std::ranges::all_of(id, legal);
}

Result<void> check_descriptor(const std::string& where, const sc_descriptor* d) {
  if (d == nullptr) return Error{where + ": is null", kRebuild};
  if (d->size < sizeof(sc_descriptor)) return too_small(where, d->size, sizeof(sc_descriptor));
  if (kind_name(d->kind).empty()) {
    return Error{
        where + ": unknown kind " + std::to_string(d->kind) + "; this host knows states, transports and sources",
        "upgrade statecast, or install an older build of the plugin"};
  }
  if (!is_legal_id(view(d->id))) {
    return Error{where + ": illegal id '" + std::string(view(d->id)) + "': 1 to 64 characters of a-z, 0-9 and '-'",
                 kRebuild};
  }
  return {};
}

Result<std::unique_ptr<Plugin>> plugin_of(const fs::path& path, const sc_entry& entry, std::size_t i) {
  const std::string nth = path.string() + ": descriptor " + std::to_string(i + 1) + " of " + std::to_string(entry.n);
  const sc_descriptor* d = entry.descriptors[i];
  if (const auto checked = check_descriptor(nth, d); !checked) return checked.error();

  const std::string where =
      path.string() + ": " + std::string(kind_name(d->kind)) + " '" + std::string(view(d->id)) + "'";
  if (const auto checked = check_functions(where, d->kind, d->functions); !checked) return checked.error();
  auto manifest = read_manifest(d->kind, view(d->manifest));
  if (!manifest) return Error{where + ": " + manifest.error().what, manifest.error().fix};
  if (manifest->appends && static_cast<const sc_source*>(d->functions)->append == nullptr) {
    return Error{where + ": manifest: appends: is true, but function 'append' is missing", kRebuild};
  }
  return std::make_unique<Plugin>(Plugin{.kind = d->kind,
                                         .id = std::string(view(d->id)),
                                         .version = std::string(view(d->version)),
                                         .summary = std::string(view(d->summary)),
                                         .package = std::string(view(entry.package)),
                                         .package_version = std::string(view(entry.version)),
                                         .library = path,
                                         .manifest = std::move(*manifest),
                                         .functions = d->functions});
}

}  // namespace

Result<std::vector<std::unique_ptr<Plugin>>> open_library(const fs::path& path) {
  if (const auto trusted = check_trusted(path); !trusted) return trusted.error();
  const auto library = map_for_ever(path);
  if (!library) return library.error();
  const auto entry = entry_of(path, **library);
  if (!entry) return entry.error();

  std::vector<std::unique_ptr<Plugin>> plugins;
  for (std::size_t i = 0; i < (*entry)->n; ++i) {
    auto plugin = plugin_of(path, **entry, i);
    if (!plugin) return plugin.error();
    plugins.push_back(std::move(*plugin));
  }
  return plugins;
}

}  // namespace statecast::host
