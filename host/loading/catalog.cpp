#include "host/loading/catalog.hpp"

#include <algorithm>
#include <iterator>

#include "host/loading/library.hpp"

namespace statecast::host {
namespace {

namespace fs = std::filesystem;

using Plugins = std::vector<std::unique_ptr<Plugin>>;

// The *.so of one folder, by name, so that every start finds them in the same order.
Result<std::vector<fs::path>> libraries_in(const fs::path& folder) {
  const std::string fix = "create it, or correct plugins.search";
  std::error_code error;
  if (!fs::exists(folder, error)) return Error{folder.string() + ": no such folder", fix};
  if (!fs::is_directory(folder, error)) return Error{folder.string() + ": not a folder", fix};
  fs::directory_iterator entries(folder, error);
  if (error)
    return Error{folder.string() + ": cannot be read: " + error.message(),
                 "let the user that statecast runs as read it"};

  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : entries) {
    if (entry.path().extension() == ".so") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

const Plugin* find_in(const Plugins& plugins, std::uint32_t kind, std::string_view id) {
  const auto found =
      std::ranges::find_if(plugins, [&](const auto& plugin) { return plugin->kind == kind && plugin->id == id; });
  return found == plugins.end() ? nullptr : found->get();
}

// The first of `fresh` that is there already, in `known` or before it in `fresh`.
Result<void> check_unique(const Plugins& known, const Plugins& fresh) {
  for (const auto& plugin : fresh) {
    const Plugin* other = find_in(known, plugin->kind, plugin->id);
    if (other == nullptr) other = find_in(fresh, plugin->kind, plugin->id);
    if (other == plugin.get()) continue;
    const std::string name = std::string(kind_name(plugin->kind)) + " '" + plugin->id + "'";
    return Error{plugin->library.string() + ": " + name + " is already provided by " + other->library.string(),
                 "remove one of the two from plugins.search"};
  }
  return {};
}

}  // namespace

std::string_view kind_name(std::uint32_t kind) {
  switch (kind) {
    case SC_KIND_STATE:
      return "state";
    case SC_KIND_TRANSPORT:
      return "transport";
    case SC_KIND_SOURCE:
      return "source";
    default:
      return {};
  }
}

PluginCatalog PluginCatalog::load(const std::vector<fs::path>& folders) {
  PluginCatalog catalog;
  for (const fs::path& folder : folders) {
    if (std::ranges::find(catalog.searched_, folder) != catalog.searched_.end()) continue;
    catalog.searched_.push_back(folder);
    catalog.load_folder(folder);
  }
  return catalog;
}

void PluginCatalog::load_folder(const fs::path& folder) {
  const auto libraries = libraries_in(folder);
  if (!libraries) return refused_.push_back(libraries.error());
  for (const fs::path& library : *libraries) {
    auto plugins = open_library(library);
    if (!plugins) {
      refused_.push_back(plugins.error());
    } else if (const auto unique = check_unique(plugins_, *plugins); !unique) {
      refused_.push_back(unique.error());
    } else {
      std::ranges::move(*plugins, std::back_inserter(plugins_));
    }
  }
}

const Plugin* PluginCatalog::find(std::uint32_t kind, std::string_view id) const { return find_in(plugins_, kind, id); }

}  // namespace statecast::host
