// Reads `access`: none, or static tokens and the claims that each stands for.
#pragma once

#include "host/config/document.hpp"
#include "host/config/report.hpp"
#include "host/config/settings.hpp"

namespace statecast::host {

// Tokens are secrets: nothing reported here shows them.
AccessSettings read_access(const Document& document, bool insecure, const ServerSettings& server, Report& report);

}  // namespace statecast::host
