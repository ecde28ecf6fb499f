#include "tests/contract/contract.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace statecast::contract {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A value that fits a property which is required and has no default.
json value_for(const std::string& name, const json& property, const fs::path& folder) {
  if (name == "path") return (folder / "contract").string();
  const std::string type = property.value("type", "string");
  if (type == "integer" || type == "number") return property.value("minimum", 1);
  if (type == "boolean") return false;
  if (type == "array") return json::array();
  if (type == "object") return json::object();
  return property.contains("enum") ? property["enum"][0] : json("x");
}

class OneTest : public testing::Test {
 public:
  explicit OneTest(std::function<void()> body) : body_(std::move(body)) {}
  void TestBody() override { body_(); }

 private:
  std::function<void()> body_;
};

}  // namespace

std::string default_settings(const host::Plugin& plugin, const fs::path& folder) {
  if (plugin.kind == SC_KIND_SOURCE && !plugin.manifest.appends) std::ofstream(folder / "contract");
  const json schema = json::parse(plugin.manifest.settings_schema);
  const json required = schema.value("required", json::array());
  const json properties = schema.value("properties", json::object());
  json settings = json::object();
  for (const auto& [name, property] : properties.items()) {
    const bool is_required = std::find(required.begin(), required.end(), name) != required.end();
    if (property.contains("default")) {
      settings[name] = property["default"];
    } else if (is_required || name == "path") {
      settings[name] = value_for(name, property, folder);
    }
  }
  return settings.dump();
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "statecast-XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}

TemporaryFolder::~TemporaryFolder() { fs::remove_all(path_); }

void add(const host::Plugin& plugin, const char* sentence, std::function<void(const host::Plugin&)> test) {
  const std::string suite = std::string(host::kind_name(plugin.kind)) + "/" + plugin.id;
  testing::RegisterTest(suite.c_str(), sentence, nullptr, nullptr, __FILE__, __LINE__,
                        [&plugin, test]() -> testing::Test* { return new OneTest([&plugin, test] { test(plugin); }); });
}

}  // namespace statecast::contract
