// Checks what instances say of one another: references, topic prefixes, routes, and who takes published events.
#pragma once

#include <string>

#include "host/config/document.hpp"
#include "host/config/instances.hpp"
#include "host/config/report.hpp"

namespace statecast::host {

// References to sources, topic prefixes, partitions, what transports expose, and that there is something to serve.
void check_instances(const Instances& instances, const Document& document, Report& report);

// Syntax of the routes, and that no request path belongs to two of them.
void check_routes(const Instances& instances, const Document& document, Report& report);

// The source that takes published events: the one named by server.publish, else the only one that can. Empty = none.
std::string publish_target(const std::string& named, const Instances& instances, Report& report);

// The prefixes that enabled states offer.
std::vector<std::string> offered_prefixes(const Instances& instances);

// Whether some enabled state's plugin was not found, so that its prefixes can't be known.
bool prefixes_unknown(const Instances& instances);

}  // namespace statecast::host
