#include "host/serving/http.hpp"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <boost/url/decode_view.hpp>
#include <charconv>
#include <ctime>
#include <utility>

#include "host/streaming/json.hpp"

namespace statecast::host {

std::string_view HttpRequest::header(std::string_view lowercase_name) const {
  const auto found = std::ranges::find(headers, lowercase_name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

const std::string& http_date() {
  static thread_local std::time_t made_at = -1;
  static thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (std::exchange(made_at, now) == now) return text;
  std::tm utc{};
  char written[32];
  text.assign(written, std::strftime(written, sizeof written, "%a, %d %b %Y %H:%M:%S GMT", ::gmtime_r(&now, &utc)));
  return text;
}

std::string response_text(const HttpResponse& response, bool keep_alive, bool to_head, std::string_view date) {
  // A stream has no length: the answer to HEAD says none. Neither does a 304, whose length would be the whole file's.
  const bool has_length = response.status != 204 && response.status != 304 && !(to_head && response.body.empty());
  std::string out;
  out.reserve(256 + (to_head ? 0 : response.body.size()));
  const auto field = [&out](std::string_view name, std::string_view value) { out.append(name).append(": ").append(value).append("\r\n"); };
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(status_title(response.status)).append("\r\n");
  if (!keep_alive) field("Connection", "close");
  for (const auto& [name, value] : response.headers) field(name, value);
  if (!response.content_type.empty()) field("Content-Type", response.content_type);
  field("Date", date);
  if (std::ranges::find(response.headers, "Cache-Control", &std::pair<std::string, std::string>::first) == response.headers.end())
    field("Cache-Control", "no-store");
  if (has_length) field("Content-Length", std::to_string(response.body.size()));
  out.append("\r\n");
  if (!to_head) out.append(response.body);
  return out;
}

HttpResponse json_response(std::string body, unsigned status) { return {status, "application/json", std::move(body), {}}; }

std::string_view status_title(unsigned status) {
  const auto text = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return {text.data(), text.size()};
}

unsigned status_of_head(std::string_view head) {
  unsigned status = 0;
  const auto digits = head.substr(std::min<std::size_t>(head.size(), std::string_view("HTTP/1.1 ").size()), 3);
  std::from_chars(digits.data(), digits.data() + digits.size(), status);
  return status;
}

std::string problem_json(unsigned status, std::string_view detail, std::optional<std::size_t> index) {
  return R"({"type":"about:blank","title":)" + json_quote(status_title(status)) + R"(,"status":)" + std::to_string(status) +
         R"(,"detail":)" + json_quote(detail) +
         (index ? R"(,"index":)" + std::to_string(*index) : std::string()) + "}";
}

HttpResponse problem(unsigned status, std::string_view detail, std::optional<std::size_t> index) {
  return {status, "application/problem+json", problem_json(status, detail, index), {}};
}

HttpResponse busy(std::string_view detail, unsigned retry_after_s) {
  auto response = problem(503, detail);
  response.headers.emplace_back("Retry-After", std::to_string(retry_after_s));
  return response;
}

Wrong header_too_large(std::uint64_t limit) { return {431, "The request's header is larger than " + std::to_string(limit) + " bytes (limits.header)."}; }

Wrong body_too_large(std::uint64_t limit) {
  return {413, "The request's body is larger than " + std::to_string(limit) + " bytes (limits.body): send fewer events at a time."};
}

HttpResponse answer_to(const Wrong& wrong) { return wrong.status == 503 ? busy(wrong.detail) : problem(wrong.status, wrong.detail); }

bool percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
  if (text.find_first_of(plus_is_space ? "%+" : "%") == text.npos) return out = text, true;  // nearly always
  boost::urls::encoding_opts options;
  options.space_as_plus = plus_is_space;
  const auto encoded = boost::urls::make_pct_string_view(boost::core::string_view(text.data(), text.size()));
  if (!encoded) return false;
  out.clear();
  const boost::urls::decode_view decoded(*encoded, options);
  out.assign(decoded.begin(), decoded.end());
  return true;
}

std::vector<QueryParameter> parse_query(std::string_view query) {
  std::vector<QueryParameter> out;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(part.find('='), part.size());
    QueryParameter parameter;
    if (part.empty() || !percent_decode(part.substr(0, equals), true, parameter.name)) continue;
    if (equals < part.size() && !percent_decode(part.substr(equals + 1), true, parameter.value)) continue;
    out.push_back(std::move(parameter));
  }
  return out;
}

}  // namespace statecast::host
