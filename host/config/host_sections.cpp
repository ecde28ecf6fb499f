#include "host/config/host_sections.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/config/endpoints.hpp"
#include "host/config/host_schema.hpp"
#include "host/config/plugin_requirement.hpp"
#include "host/config/schema_reader.hpp"
#include "host/config/web_origin.hpp"

namespace statecast::host {
namespace {

using Json = nlohmann::json;

Json read_file(const Document& document, Report& report) {
  return SchemaReader(report, file_schema(), {"the file", ""}).read(document.root(), {});
}

std::vector<std::filesystem::path> search_of(const Json& plugins) {
  const auto folders = plugins.value("search", std::vector<std::string>{});
  return {folders.begin(), folders.end()};
}

// Each text of a value that is one, or a list of them.
template <class Read>
void for_each_text(const Json& value, const Path& path, const Read& read) {
  if (value.is_string()) read(value.get<std::string>(), path);
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i) read(value[i].get<std::string>(), path[i]);
}

std::vector<Endpoint> read_endpoints(const Json& value, const Path& path, Report& report) {
  std::vector<Endpoint> endpoints;
  for_each_text(value, path, [&](const std::string& text, const Path& place) {
    if (const auto endpoint = parse_endpoint(text)) {
      endpoints.push_back(*endpoint);
    } else {
      report.at_value(place, "address", "'" + text + "' is no numeric address with a port").fix =
          "write it like 127.0.0.1:8080, or \"[::1]:8080\" for IPv6";
    }
  });
  return endpoints;
}

std::vector<std::string> read_hosts(const Json& value, const Path& path, Report& report) {
  std::vector<std::string> hosts;
  for_each_text(value, path, [&](const std::string& text, const Path& place) {
    hosts.push_back(text);
    if (is_host_pattern(text)) return;
    report.at_value(place, "host", "'" + text + "' is no name of a host").fix =
        "write it without scheme and port, like orders.example, or \"*.example.org\" for all names below that";
  });
  return hosts;
}

std::vector<std::string> read_origins(const Json& value, const Path& path, Report& report) {
  std::vector<std::string> origins;
  for_each_text(value, path, [&](const std::string& text, const Path& place) {
    origins.push_back(text);
    if (parse_origin(text)) return;
    report.at_value(place, "origin", "'" + text + "' is no origin of web pages").fix =
        "write scheme, name and, where it is in the address, port: https://shop.example, http://localhost:3000";
  });
  return origins;
}

ServerSettings read_server(const Json& server, Report& report) {
  const Path path = Path() / "server";
  ServerSettings settings;
  settings.listen = read_endpoints(server["listen"], path / "listen", report);
  if (server["admin"] != "off") settings.admin = read_endpoints(server["admin"], path / "admin", report);
  settings.hosts = read_hosts(server["hosts"], path / "hosts", report);
  settings.origins = read_origins(server["origins"], path / "origins", report);
  settings.publish = server.value("publish", "");
  settings.page = server["page"];
  settings.log_level = server["log"]["level"];
  settings.log_format = server["log"]["format"];
  settings.shards = server["shards"];
  settings.drain_ms = server["drain"];
  return settings;
}

LimitSettings read_limits(const Json& limits) {
  LimitSettings settings;
  settings.connections = limits["connections"];
  settings.per_ip = limits["per_ip"];
  settings.topics_per_session = limits["topics_per_session"];
  settings.header_bytes = limits["header"];
  settings.body_bytes = limits["body"];
  settings.header_timeout_ms = limits["header_timeout"];
  settings.body_timeout_ms = limits["body_timeout"];
  settings.idle_timeout_ms = limits["idle_timeout"];
  settings.history_memory = limits["history_memory"];
  settings.history_topics = limits["history_topics"];
  settings.buffers = limits["buffers"];
  return settings;
}

StoreSettings read_store(const Json& store) {
  StoreSettings settings;
  settings.path = store["path"];
  settings.every_ms = store["every"];
  return settings;
}

void check_listeners(const ServerSettings& server, Report& report) {
  const Path path = Path() / "server";
  if (server.listen.empty() && !report.has_error_in(path / "listen"))
    report.at_key(path / "listen", "address", "there must be an address to listen on");
  for (const Endpoint& endpoint : server.admin)
    if (!is_loopback(endpoint))
      report
          .at_value(path / "admin", "admin-exposed",
                    text_of(endpoint) + " is no loopback address, and the admin listener asks nobody who they are")
          .fix = "listen on 127.0.0.1 or [::1], or write 'admin: off'";

  std::vector<std::string> seen;
  for (const auto* endpoints : {&server.listen, &server.admin})
    for (const Endpoint& endpoint : *endpoints) {
      const std::string text = text_of(endpoint);
      if (endpoint.port != 0 && std::find(seen.begin(), seen.end(), text) != seen.end())
        report.at_value(path / (endpoints == &server.admin ? "admin" : "listen"), "address",
                        text + " is listened on twice");
      seen.push_back(text);
    }
}

void check_required_keys(const Document& document, Report& report) {
  if (!document.root().find("version"))
    report.at_key({}, "missing-key", "the key 'version' is missing").fix = "write 'version: 1' at the top";
  if (!document.root().find("access"))
    report.at_key({}, "missing-key", "the key 'access' is missing").fix =
        "write 'access: none' to let everybody in on a loopback address, or list tokens under it";
}

}  // namespace

HostSections read_host_sections(const Document& document, const PluginCatalog& catalog, Report& report) {
  const Json file = read_file(document, report);
  check_required_keys(document, report);
  HostSections sections;
  sections.server = read_server(file["server"], report);
  sections.limits = read_limits(file["limits"]);
  sections.store = read_store(file["store"]);
  sections.plugin_search = search_of(file["plugins"]);
  sections.insecure = file["insecure"];
  sections.keys = file.dump();
  check_listeners(sections.server, report);
  const Json required = file["plugins"].value("require", Json::object());
  for (const auto& [name, version] : required.items()) check_requirement(name, version, catalog, report);
  return sections;
}

std::vector<std::filesystem::path> read_plugin_search(const Document& document) {
  Report unheard(document);
  return search_of(read_file(document, unheard)["plugins"]);
}

}  // namespace statecast::host
