#include "host/config/access_section.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/config/endpoints.hpp"
#include "host/config/plain_json.hpp"
#include "host/config/words.hpp"

namespace statecast::host {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kShortestToken = 8;
const char* const kForms =
    "write 'access: none', or 'access: { tokens: { <token>: { sub: c-1, roles: [customer] } } }'";

class TokenReader {
 public:
  explicit TokenReader(Report& report) : report_(report) {}

  std::vector<TokenSettings> read(const YamlNode& tokens, const Path& path) {
    if (tokens.kind != YamlNode::Kind::map || tokens.entries.empty()) {
      report_.at_key(path, "access", "there is no token, so nobody could connect").fix = kForms;
      return {};
    }
    std::vector<TokenSettings> all;
    for (const YamlEntry& entry : tokens.entries) {
      if (entry.value.kind == YamlNode::Kind::refused) continue;
      check_token(entry, path / entry.key);
      check_claims(entry, path / entry.key);
      all.push_back({entry.key, plain_json(entry.value).dump()});
    }
    return all;
  }

 private:
  void add(const Path& path, Place place, std::string message, std::string fix) {
    report_.at_place(path, place, "access", std::move(message)).fix = std::move(fix);
  }

  // RFC 6750 2.1 says what a bearer token may consist of.
  void check_token(const YamlEntry& entry, const Path& path) {
    const auto fits = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("-._~+/=").find(c) != std::string_view::npos;
    };
    if (entry.key.size() < kShortestToken)
      add(path, entry.key_place, "the token is too short",
          "use at least 8 characters; 'openssl rand -hex 32' makes a good one");
    else if (!std::all_of(entry.key.begin(), entry.key.end(), fits))
      add(path, entry.key_place, "the token has a character that HTTP can't carry", "use A-Z a-z 0-9 - . _ ~ + / =");
  }

  void check_claims(const YamlEntry& entry, const Path& path) {
    const YamlNode* sub = entry.value.find("sub");
    const YamlNode* roles = entry.value.find("roles");
    if (!sub || !is_text(*sub))
      add(path / "sub", sub ? sub->place : entry.key_place, "'sub' must be text that says who this is",
          "write it like 'sub: c-1'");
    const bool is_list =
        roles && roles->kind == YamlNode::Kind::list && std::all_of(roles->items.begin(), roles->items.end(), is_text);
    if (!is_list)
      add(path / "roles", roles ? roles->place : entry.key_place, "'roles' must be a list of names",
          "write it like 'roles: [customer]'");
  }

  static bool is_text(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::refused) return true;  // reported already
    const Json value = plain_scalar(node);
    return value.is_string() && !value.get<std::string>().empty();
  }

  Report& report_;
};

void check_none(const AccessSettings& access, const ServerSettings& server, const Path& path, Report& report) {
  if (access.insecure) return;
  const auto exposed =
      std::find_if(server.listen.begin(), server.listen.end(), [](const Endpoint& e) { return !is_loopback(e); });
  if (exposed == server.listen.end()) return;
  report
      .at_value(path, "access",
                "'none' lets everybody who reaches " + text_of(*exposed) + " read and publish everything")
      .fix = "list tokens, listen on a loopback address, or write 'insecure: true' beside 'access'";
}

}  // namespace

AccessSettings read_access(const Document& document, bool insecure, const ServerSettings& server, Report& report) {
  AccessSettings access;
  access.insecure = insecure;
  const Path path = Path() / "access";
  const YamlNode* node = document.find(path);
  if (!node || node->kind == YamlNode::Kind::refused) return access;
  const YamlNode* tokens = node->find("tokens");
  access.none = node->kind == YamlNode::Kind::text && node->text == "none";
  if (access.none)
    check_none(access, server, path, report);
  else if (node->kind != YamlNode::Kind::map)
    report.at_value(path, "access", "expected 'none' or a map with 'tokens'").fix = kForms;

  for (const YamlEntry& entry : node->entries) {
    if (entry.key == "tokens" || entry.value.kind == YamlNode::Kind::refused) continue;
    Diagnostic& d = report.at_place(path, entry.key_place, "unknown-key", "unknown key '" + entry.key + "'");
    d.hint = did_you_mean(entry.key, {"tokens"});
    d.notes.push_back("= keys of access: tokens");
  }
  if (tokens && tokens->kind != YamlNode::Kind::refused)
    access.tokens = TokenReader(report).read(*tokens, path / "tokens");
  else if (node->kind == YamlNode::Kind::map && node->entries.empty())
    report.at_key(path, "access", "there is no token, so nobody could connect").fix = kForms;
  return access;
}

}  // namespace statecast::host
