#include "host/config/load_config.hpp"

#include "host/config/access_section.hpp"
#include "host/config/cross_checks.hpp"
#include "host/config/document.hpp"
#include "host/config/effective.hpp"
#include "host/config/host_sections.hpp"
#include "host/config/includes.hpp"
#include "host/config/instances.hpp"
#include "host/config/report.hpp"
#include "host/config/text_file.hpp"
#include "host/config/yaml_reader.hpp"

namespace statecast::host {
namespace {

namespace fs = std::filesystem;

template <class Settings>
void keep_enabled(std::vector<Declared<Settings>>& declared, std::vector<Settings>& kept) {
  for (Declared<Settings>& one : declared)
    if (one.enabled) kept.push_back(std::move(one.settings));
}

}  // namespace

struct ConfigFile::Contents {
  Document document;
  Report report{document};  // what is wrong with the text itself
  bool readable = false;    // every file of it

  bool read(const std::string& text, YamlFile& file) {
    std::optional<YamlNode> root = read_yaml(text, file, document, report);
    if (!root) return false;
    if (root->kind == YamlNode::Kind::nothing) {
      report.at_key({}, "yaml", "the file says nothing").fix =
          "begin with 'version: 1'; see minimal.yaml for the least that runs";
      return false;
    }
    document.root() = std::move(*root);
    return read_includes(document, report);
  }
};

struct ConfigFile::Parts {
  HostSections host;
  Instances instances;
  AccessSettings access;
};

ConfigFile::ConfigFile(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
ConfigFile::~ConfigFile() = default;
ConfigFile::ConfigFile(ConfigFile&&) noexcept = default;
ConfigFile& ConfigFile::operator=(ConfigFile&&) noexcept = default;

ConfigFile ConfigFile::refused(const fs::path& path, std::string message, std::string fix) {
  auto contents = std::make_unique<Contents>();
  contents->document.add_file(path.string(), "");
  contents->report.at_key({}, "file", std::move(message)).fix = std::move(fix);
  return ConfigFile(std::move(contents));
}

ConfigFile ConfigFile::open(const fs::path& path) {
  const TextFile read = read_text_file(path, kLargestConfigFile);
  switch (read.fault) {
    case TextFile::Fault::missing:
      return refused(path, "there is no such file", "name the one to use: statecast run FILE");
    case TextFile::Fault::not_regular:
      return refused(path, "this is no regular file", "name a YAML file");
    case TextFile::Fault::too_large:
      return refused(path, "the file is larger than 1MiB", "name a YAML file");
    case TextFile::Fault::unreadable:
      return refused(path, "the file can't be read: " + read.error.message(),
                     "let the user that runs statecast read it");
    case TextFile::Fault::none:
      break;
  }
  return from_text(path, read.text);
}

ConfigFile ConfigFile::from_text(const fs::path& path, const std::string& text) {
  auto contents = std::make_unique<Contents>();
  contents->readable = contents->read(text, contents->document.add_file(path.string(), text));
  return ConfigFile(std::move(contents));
}

std::vector<fs::path> ConfigFile::plugin_search() const {
  return contents_->readable ? read_plugin_search(contents_->document) : std::vector<fs::path>{};
}

ConfigFile::Parts ConfigFile::read(const PluginCatalog& catalog, Report& report) const {
  const Document& document = contents_->document;
  Parts parts;
  parts.host = read_host_sections(document, catalog, report);
  parts.instances = read_instances(document, catalog, report);
  check_instances(parts.instances, document, report);
  check_routes(parts.instances, document, report);
  parts.host.server.publish = publish_target(parts.host.server.publish, parts.instances, report);
  parts.access = read_access(document, parts.host.insecure, parts.host.server, report);
  return parts;
}

LoadResult ConfigFile::check(const PluginCatalog& catalog) const {
  Report report = contents_->report;
  if (!contents_->readable) return {std::nullopt, report.take()};
  Parts parts = read(catalog, report);
  if (!report.empty()) return {std::nullopt, report.take()};

  const Document& document = contents_->document;
  Config config;
  config.file = document.files().front().name();
  config.server = std::move(parts.host.server);
  config.limits = parts.host.limits;
  config.store = parts.host.store;
  config.plugin_search = std::move(parts.host.plugin_search);
  config.access = std::move(parts.access);
  config.secrets = document.secrets();
  for (const TokenSettings& token : config.access.tokens) config.secrets.push_back({token.token, "<token>"});
  keep_enabled(parts.instances.sources, config.sources);
  keep_enabled(parts.instances.states, config.states);
  keep_enabled(parts.instances.transports, config.transports);
  return {std::move(config), {}};
}

std::string ConfigFile::effective(const PluginCatalog& catalog) const {
  Report unheard(contents_->document);
  const Parts parts = read(catalog, unheard);
  return effective_yaml(contents_->document, parts.host, parts.instances);
}

bool ConfigFile::readable() const { return contents_->readable; }

}  // namespace statecast::host
