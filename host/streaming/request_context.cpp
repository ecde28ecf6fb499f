#include "host/streaming/request_context.hpp"

namespace statecast::host {

sc_client RequestContext::client() const {
  sc_client client{};
  client.size = sizeof client;
  client.session = session;
  client.remote = str(remote);
  client.method = str(method);
  client.path = str(path);
  client.query = str(query);
  client.claims = str(claims);
  client.ctx = const_cast<RequestContext*>(this);
  client.header = [](void* ctx, sc_str name) -> sc_str {
    for (const auto& [key, value] : static_cast<const RequestContext*>(ctx)->headers)
      if (key == view(name)) return str(value);
    return {};
  };
  return client;
}

Ref<RequestContext> RequestContext::with_claims(std::string other) const {
  auto* context = new RequestContext;
  const auto shared = Ref<RequestContext>::adopt(context);
  context->session = session;
  context->remote = remote;
  context->method = method;
  context->path = path;
  context->query = query;
  context->claims = std::move(other);
  context->headers = headers;
  return shared;
}

}  // namespace statecast::host
