#include "host/config/missing_plugin.hpp"

#include <vector>

#include "host/config/words.hpp"

namespace statecast::host {
namespace {

std::string searched_note(const std::filesystem::path& folder, const PluginCatalog& catalog) {
  std::vector<std::string> ids;
  for (const auto& plugin : catalog.plugins())
    if (plugin->library.parent_path() == folder) ids.push_back(plugin->id);
  const std::string count = std::to_string(ids.size()) + (ids.size() == 1 ? " plugin" : " plugins");
  return "searched: " + folder.string() + " (" + count + (ids.empty() ? "" : ": " + joined(ids)) + ")";
}

std::vector<std::string> ids_of_kind(std::uint32_t kind, const PluginCatalog& catalog) {
  std::vector<std::string> ids;
  for (const auto& plugin : catalog.plugins())
    if (plugin->kind == kind) ids.push_back(plugin->id);
  return ids;
}

}  // namespace

void report_missing_plugin(std::uint32_t kind, const std::string& type, const Path& instance,
                           const PluginCatalog& catalog, Report& report) {
  const std::string message = "no plugin provides " + std::string(kind_name(kind)) + " '" + type + "'";
  const std::string meant = did_you_mean(type, ids_of_kind(kind, catalog));
  // A slip of the pen is shown where it is; otherwise the instance as a whole is what can't be had.
  Diagnostic& d = meant.empty() ? report.at_key(instance, "plugin-not-found", message)
                                : report.at_value(instance / "type", "plugin-not-found", message);
  d.path = instance.text();
  d.hint = meant;
  if (meant.empty()) d.source_line.clear();

  for (const auto& folder : catalog.searched()) d.notes.push_back(searched_note(folder, catalog));
  if (catalog.searched().empty()) d.notes.push_back("searched: no folder");
  for (const auto& plugin : catalog.plugins())
    if (plugin->id == type) d.notes.push_back("'" + type + "' is a " + std::string(kind_name(plugin->kind)));
  for (const Error& refused : catalog.refused()) d.notes.push_back("refused, and may be the one: " + refused.what +
                      (refused.fix.empty() ? "" : ": " + refused.fix));
  d.fix = "install the package that ships it, or set 'enabled: false'";
}

}  // namespace statecast::host
