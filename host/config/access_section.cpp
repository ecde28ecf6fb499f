#include "host/config/access_section.hpp"

#include <algorithm>
#include <map>
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
const char* const kListed = "write it like '- { token: !credential staff, sub: s-1, roles: [staff] }'";

class TokenReader {
 public:
  explicit TokenReader(Report& report) : report_(report) {}

  // A map whose keys are tokens, or a list whose entries have a `token`, which may come from a tag.
  std::vector<TokenSettings> read(const YamlNode& tokens, const Path& path) {
    if (tokens.entries.empty() && tokens.items.empty())
      report_.at_key(path, "access", "there is no token, so nobody could connect").fix = kForms;
    for (const YamlEntry& entry : tokens.entries)
      if (entry.value.kind != YamlNode::Kind::refused) read_key(entry, path / entry.key);
    for (std::size_t i = 0; i < tokens.items.size(); ++i)
      if (tokens.items[i].kind != YamlNode::Kind::refused) read_listed(tokens.items[i], path[i]);
    return std::move(all_);
  }

 private:
  void add(const Path& path, Place place, std::string message, std::string fix) {
    report_.at_place(path, place, "access", std::move(message)).fix = std::move(fix);
  }

  // Whoever writes `token` there takes the key for a name, but it would be a token that lets people in.
  void read_key(const YamlEntry& entry, const Path& path) {
    if (const YamlNode* token = entry.value.find("token"))
      add(path / "token", token->place, "'token' is for tokens that are listed; here the key is the token", kListed);
    read_token(entry.key, entry.key_place, entry.value, entry.key_place, path);
  }

  void read_listed(const YamlNode& item, const Path& path) {
    const YamlNode* token = item.find("token");
    if (token && token->kind == YamlNode::Kind::refused) return;
    if (token && is_text(*token))
      read_token(token->text, token->place, item, item.place, path);
    else
      add(path / "token", token ? token->place : item.place, "'token' must be text", kListed);
  }

  void read_token(const std::string& token, Place token_place, const YamlNode& claims, Place place, const Path& path) {
    check_token(token, token_place, path);
    check_claims(claims, place, path);
    Json json = plain_json(claims);
    if (json.is_object()) json.erase("token");
    all_.push_back({token, json.dump()});
  }

  // RFC 6750 2.1 says what a bearer token may consist of.
  void check_token(const std::string& token, Place place, const Path& path) {
    const auto fits = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("-._~+/=").find(c) != std::string_view::npos;
    };
    if (token.size() < kShortestToken)
      add(path, place, "the token is too short", "use at least 8 characters; 'openssl rand -hex 32' makes a good one");
    else if (!std::all_of(token.begin(), token.end(), fits))
      add(path, place, "the token has a character that HTTP can't carry", "use A-Z a-z 0-9 - . _ ~ + / =");
    else if (const auto [first, is_new] = places_.emplace(token, place); !is_new)
      report_.at_place(path, place, "duplicate-key", "this token is there twice")
          .notes.push_back("first: " + report_.where(first->second));
  }

  void check_claims(const YamlNode& claims, Place place, const Path& path) {
    const YamlNode* sub = claims.find("sub");
    const YamlNode* roles = claims.find("roles");
    if (!sub || !is_text(*sub))
      add(path / "sub", sub ? sub->place : place, "'sub' must be text that says who this is", "write it like 'sub: c-1'");
    const bool is_list =
        roles && roles->kind == YamlNode::Kind::list && std::all_of(roles->items.begin(), roles->items.end(), is_text);
    if (!is_list)
      add(path / "roles", roles ? roles->place : place, "'roles' must be a list of names",
          "write it like 'roles: [customer]'");
  }

  static bool is_text(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::refused) return true;  // reported already
    const Json value = plain_scalar(node);
    return value.is_string() && !value.get<std::string>().empty();
  }

  Report& report_;
  std::vector<TokenSettings> all_;
  std::map<std::string, Place> places_;
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
