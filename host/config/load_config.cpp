#include "host/config/load_config.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "host/config/access_section.hpp"
#include "host/config/cross_checks.hpp"
#include "host/config/document.hpp"
#include "host/config/host_sections.hpp"
#include "host/config/instances.hpp"
#include "host/config/report.hpp"
#include "host/config/yaml_reader.hpp"

namespace statecast::host {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 1024 * 1024;

template <class Settings>
void keep_enabled(std::vector<Declared<Settings>>& declared, std::vector<Settings>& kept) {
  for (Declared<Settings>& one : declared)
    if (one.enabled) kept.push_back(std::move(one.settings));
}

// Later versions may read further files; a file meant for them must not lose a part in silence.
void refuse_include(Document& document, Report& report) {
  for (YamlEntry& entry : document.root().entries) {
    if (entry.key != "include") continue;
    report.at_key(Path() / "include", "include", "including other files is not supported").fix =
        "write all of the configuration in this file";
    entry.value.kind = YamlNode::Kind::refused;
  }
}

}  // namespace

struct ConfigFile::Contents {
  Document document;
  Report report{document};  // what is wrong with the text itself
  bool readable = false;
};

ConfigFile::ConfigFile(std::unique_ptr<Contents> contents) : contents_(std::move(contents)) {}
ConfigFile::~ConfigFile() = default;
ConfigFile::ConfigFile(ConfigFile&&) noexcept = default;
ConfigFile& ConfigFile::operator=(ConfigFile&&) noexcept = default;

ConfigFile ConfigFile::refused(const fs::path& path, std::string message, std::string fix) {
  auto contents = std::make_unique<Contents>();
  contents->document = Document(path.string(), "");
  contents->report.at_key({}, "file", std::move(message)).fix = std::move(fix);
  return ConfigFile(std::move(contents));
}

ConfigFile ConfigFile::unreadable(const fs::path& path, std::error_code error) {
  return refused(path, "the file can't be read: " + error.message(), "let the user that runs statecast read it");
}

ConfigFile ConfigFile::open(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    return refused(path, "there is no such file", "name the one to use: statecast run FILE");
  if (status.type() == fs::file_type::none) return unreadable(path, error);
  if (!fs::is_regular_file(status)) return refused(path, "this is no regular file", "name a YAML file");
  if (fs::file_size(path, error) > kLargestFile)
    return refused(path, "the file is larger than 1MiB", "name a YAML file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return unreadable(path, std::error_code(errno, std::generic_category()));
  return from_text(path, {std::istreambuf_iterator<char>(in), {}});
}

ConfigFile ConfigFile::from_text(const fs::path& path, const std::string& text) {
  auto contents = std::make_unique<Contents>();
  contents->document = Document(path.string(), text);
  contents->readable = read_yaml(text, contents->document, contents->report);
  if (contents->readable) refuse_include(contents->document, contents->report);
  return ConfigFile(std::move(contents));
}

std::vector<fs::path> ConfigFile::plugin_search() const {
  return contents_->readable ? read_plugin_search(contents_->document) : std::vector<fs::path>{};
}

LoadResult ConfigFile::check(const PluginCatalog& catalog) const {
  const Document& document = contents_->document;
  Report report = contents_->report;
  if (!contents_->readable) return {std::nullopt, report.take()};

  HostSections host = read_host_sections(document, catalog, report);
  Instances instances = read_instances(document, catalog, report);
  check_instances(instances, document, report);
  check_routes(instances, document, report);
  host.server.publish = publish_target(host.server.publish, instances, report);
  AccessSettings access = read_access(document, host.insecure, host.server, report);
  if (!report.empty()) return {std::nullopt, report.take()};

  Config config;
  config.file = document.file();
  config.server = std::move(host.server);
  config.limits = host.limits;
  config.plugin_search = std::move(host.plugin_search);
  config.access = std::move(access);
  keep_enabled(instances.sources, config.sources);
  keep_enabled(instances.states, config.states);
  keep_enabled(instances.transports, config.transports);
  return {std::move(config), {}};
}

}  // namespace statecast::host
