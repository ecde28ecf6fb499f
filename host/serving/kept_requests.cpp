#include "host/serving/kept_requests.hpp"

#include <charconv>
#include <string_view>

namespace statecast::host {

namespace {

constexpr std::string_view kOnceOnly = "sec-websocket-key";

void write(std::string& out, std::string_view field) { out.append(std::to_string(field.size())).append(":").append(field); }

// Takes the next field off the front.
std::string read(std::string_view& rest) {
  std::size_t size = 0;
  const char* colon = std::from_chars(rest.data(), rest.data() + rest.size(), size).ptr;
  const std::string_view field(colon + 1, size);
  rest.remove_prefix(static_cast<std::size_t>(colon + 1 - rest.data()) + size);
  return std::string(field);
}

}  // namespace

KeptRequests::Kept KeptRequests::keep(const RequestContext& context) {
  std::string text;
  for (const std::string* field : {&context.method, &context.path, &context.query, &context.claims}) write(text, *field);
  for (const auto& [name, value] : context.headers) {
    if (name == kOnceOnly) continue;
    write(text, name);
    write(text, value);
  }
  text.shrink_to_fit();
  return Kept(*requests_.try_emplace(std::move(text), Sharing{this}).first);
}

Ref<RequestContext> KeptRequests::Kept::context(std::uint64_t session, std::string remote) const {
  auto* context = new RequestContext;
  const auto shared = Ref<RequestContext>::adopt(context);
  context->session = session;
  context->remote = std::move(remote);
  std::string_view rest = entry_->first;
  for (std::string* field : {&context->method, &context->path, &context->query, &context->claims}) *field = read(rest);
  while (!rest.empty()) {
    std::string name = read(rest);
    context->headers.emplace_back(std::move(name), read(rest));
  }
  return shared;
}

}  // namespace statecast::host
