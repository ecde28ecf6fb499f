#include "host/config/settings_check.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

namespace statecast::host {
namespace {

struct Finding {
  Path path;
  std::string text;
};

// valijson writes the way as "<root>", "[retention]", "[3]", with nothing to tell an index from a key.
Path path_of(const std::vector<std::string>& context, const nlohmann::json& settings, const Path& top) {
  Path path = top;
  const nlohmann::json* value = &settings;
  for (std::size_t i = 1; i < context.size(); ++i) {
    const std::string key = context[i].substr(1, context[i].size() - 2);
    const auto pointer = nlohmann::json::json_pointer() / key;
    path = value && value->is_array() ? path / context[i] : path / key;
    value = value && value->contains(pointer) ? &value->at(pointer) : nullptr;
  }
  return path;
}

std::vector<Finding> validate(const nlohmann::json& settings, const nlohmann::json& schema_json, const Path& top) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(Adapter(schema_json), schema);
  valijson::ValidationResults results;
  std::vector<Finding> findings;
  if (valijson::Validator().validate(schema, Adapter(settings), &results)) return findings;
  for (const auto& error : results) findings.push_back({path_of(error.context, settings, top), error.description});
  return findings;
}

// Of a fault deep inside valijson also complains at each place around it; the deepest says it all.
bool is_told_deeper(const Finding& finding, const std::vector<Finding>& all) {
  return std::any_of(all.begin(), all.end(), [&](const Finding& other) {
    return other.path.parts().size() > finding.path.parts().size() && other.path.starts_with(finding.path);
  });
}

std::string as_clause(std::string sentence) {
  if (!sentence.empty()) sentence[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(sentence[0])));
  while (sentence.ends_with('.')) sentence.pop_back();
  return sentence;
}

}  // namespace

void check_settings(const nlohmann::json& settings, const nlohmann::json& schema, const SchemaReader::Names& names,
                    const Path& path, Report& report) {
  std::vector<Finding> findings = validate(settings, schema, path);
  std::erase_if(findings, [&](const Finding& f) { return report.has_error_in(f.path); });
  for (const Finding& finding : findings)
    if (!is_told_deeper(finding, findings) && !report.has_error_in(finding.path))
      report.at_value(finding.path, "not-allowed", names.owner + " refuses this: " + as_clause(finding.text)).fix =
          "see '" + names.explain + "' for what it takes";
}

}  // namespace statecast::host
