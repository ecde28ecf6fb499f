// Keeps web pages out that nobody let in. A page of any site can have a browser send requests to a host that only the browser
// reaches: under the origin of that site, or under a name of its own that leads here ("DNS rebinding"). So a request must
// come under a name of this host, and from no page, from a page of this host, or from one of `server.origins`.
// Clients that are no browsers send nothing of what is looked at here but Host.
//
// Owned by Server, read by every shard. [any]
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/settings.hpp"
#include "host/config/web_origin.hpp"
#include "host/ops/seldom.hpp"
#include "host/serving/http.hpp"

namespace statecast::host {

// What a request says of itself; empty where it says nothing.
struct RequestPlace {
  std::string_view method;
  std::string_view host;        // Host (RFC 9110 7.2), or the authority of an absolute target
  std::string_view origin;      // Origin
  std::string_view fetch_site;  // Sec-Fetch-Site, which no page can set by itself
  std::string_view fetch_mode;  // Sec-Fetch-Mode
};
RequestPlace place_of(const HttpRequest& request);

class RequestOrigin {
 public:
  // The admin listener is for no page but its own, whoever may use the public one.
  enum class At { kPublic, kAdmin };
  RequestOrigin(const ServerSettings& server, At listener);

  // Why a request is not taken: 421 or 403. Nothing when it is.
  std::optional<Wrong> refusal(const RequestPlace& request) const;
  // The same as an answer; also tells the operator, at most once in a while.
  std::optional<HttpResponse> refuse(const HttpRequest& request) const;

  // The origin in a request when it is one of `server.origins`: its pages may read the answers (Fetch, "CORS protocol").
  std::string_view listed_page(std::string_view origin) const;

 private:
  bool is_listed(const WebOrigin& origin) const;
  std::string foreign_page(std::string_view origin) const;
  bool answers_to(std::string_view host) const;
  bool may_come(const RequestPlace& request) const;

  const At listener_;
  const std::vector<std::string> hosts_;
  std::vector<std::string> usual_;  // what nearly every request comes under, so that it need not be read
  std::vector<WebOrigin> origins_;
  mutable Seldom told_;
};

}  // namespace statecast::host
