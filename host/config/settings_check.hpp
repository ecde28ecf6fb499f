// Checks a plugin's settings against all of its settings schema, once SchemaReader has read them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "host/config/document.hpp"
#include "host/config/report.hpp"
#include "host/config/schema_reader.hpp"

namespace statecast::host {

// Reports what valijson finds beneath `path`, but for places where something else was found already. Throws
// std::runtime_error when the schema is none.
void check_settings(const nlohmann::json& settings, const nlohmann::json& schema, const SchemaReader::Names& names,
                    const Path& path, Report& report);

}  // namespace statecast::host
