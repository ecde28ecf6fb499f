#include "host/access/access_control.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <cassert>
#include <nlohmann/json.hpp>

namespace statecast::host {
namespace {

constexpr const char* kEverybody = R"({"sub":"anonymous","roles":["admin"]})";
constexpr std::string_view kScheme = "Bearer ";  // RFC 6750 2.1; RFC 9110 11.1: in any case

Identity refused(std::string reason) { return {false, {}, std::move(reason), false}; }

bool may_publish(std::string_view claims) {
  const auto json = nlohmann::json::parse(claims, nullptr, false);
  if (!json.is_object()) return false;
  const auto roles = json.find("roles");
  if (roles == json.end() || !roles->is_array()) return false;
  return std::any_of(roles->begin(), roles->end(), [](const nlohmann::json& role) {
    return role == "staff" || role == "admin" || role == "publisher";
  });
}

Identity known(const std::string& claims) { return {true, claims, {}, may_publish(claims)}; }

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(' ')));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

}  // namespace

AccessControl::AccessControl(const AccessSettings& settings) : everybody_(settings.none) {
  for (const TokenSettings& token : settings.tokens) tokens_.push_back({digest_of(token.token), known(token.claims)});
}

Identity AccessControl::identify(std::string_view authorization, std::string_view query_token) const {
  if (everybody_) return {true, kEverybody, {}, true};
  if (authorization.empty() && query_token.empty())
    return refused("no access token: send 'Authorization: Bearer <token>' or ?token=");
  if (authorization.empty()) return identify_token(query_token);
  if (!boost::algorithm::istarts_with(authorization, kScheme))
    return refused("the Authorization header is not of the form 'Bearer <token>'");
  return identify_token(trimmed(authorization.substr(kScheme.size())));
}

// Digests have one length and tell nothing of their token, and all are compared: the time taken says nothing either.
Identity AccessControl::identify_token(std::string_view text) const {
  const Digest digest = digest_of(text);
  const Token* found = nullptr;
  for (const Token& token : tokens_)
    if (CRYPTO_memcmp(token.digest.data(), digest.data(), digest.size()) == 0) found = &token;
  if (!found) return refused("the access token is not known here");
  return found->identity;
}

AccessControl::Digest AccessControl::digest_of(std::string_view token) {
  Digest digest{};
  [[maybe_unused]] const int done =
      EVP_Digest(token.data(), token.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  assert(done == 1);
  return digest;
}

}  // namespace statecast::host
