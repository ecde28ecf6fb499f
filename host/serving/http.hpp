// A request and a response as the host's own code sees them, free of the library that parses them. Plain values. [shard]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace statecast::host {

struct HttpRequest {
  std::string method;  // "GET"
  std::string host;    // "example.org:8080": of an absolute target, else of the header Host; empty where HTTP/1.0 names none
  std::string path;    // percent-decoded; "*" of OPTIONS alone
  std::string query;   // after the '?', still encoded
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string remote;  // "192.0.2.1:50312"

  std::string_view header(std::string_view lowercase_name) const;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type;  // empty = no body
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false;        // end the connection after this
};

// A response as its bytes, with a length where it has one. The answer to HEAD has no body.
std::string response_text(const HttpResponse& response, bool keep_alive, bool to_head, std::string_view date);

// The time now as RFC 9110 5.6.7 writes it; made once a second.
const std::string& http_date();

// The fields by which a browser lets a page of another origin read an answer (Fetch, "CORS protocol").
template <class Field>
void share_with_page(std::string_view origin, Field&& field) {
  field(std::string_view("Access-Control-Allow-Origin"), origin);
  field(std::string_view("Vary"), std::string_view("Origin"));
}

HttpResponse json_response(std::string body, unsigned status = 200);

// An RFC 9457 problem: `detail` says what is wrong and what to do; of several events in a request, `index` is the one at
// fault.
HttpResponse problem(unsigned status, std::string_view detail, std::optional<std::size_t> index = {});

// The same as a JSON object {"status", "title", "detail"}, for in-band answers.
std::string problem_json(unsigned status, std::string_view detail, std::optional<std::size_t> index = {});

// A problem of status 503 that says when to come back.
HttpResponse busy(std::string_view detail, unsigned retry_after_s = 1);

// What is wrong with a request: thrown where it shows, and answered by whoever handles the request.
struct Wrong {
  unsigned status;
  std::string detail;
};
HttpResponse answer_to(const Wrong& wrong);
Wrong header_too_large(std::uint64_t limit);
Wrong body_too_large(std::uint64_t limit);

std::string_view status_title(unsigned status);

// The status in the first line of a response, "HTTP/1.1 200 OK"; 0 when there is none.
unsigned status_of_head(std::string_view head);

// The decoded values of a query's parameters, in order; nothing when an escape is broken.
struct QueryParameter {
  std::string name, value;
};
std::vector<QueryParameter> parse_query(std::string_view query);

// Decodes %XX; false when an escape is broken.
bool percent_decode(std::string_view text, bool plus_is_space, std::string& out);

}  // namespace statecast::host
