// Requests to one host, one after the other, on a connection that is kept while it lasts.
//
// Owned by a command. [main]
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <utility>
#include <vector>

#include "host/cli/client/connection.hpp"

namespace statecast::host::client {

// Why there is no answer.
struct Failure {
  enum class Kind {
    kUnreachable,  // no connection
    kLost,         // the connection ended before the answer did
    kLate,         // the deadline came first
    kEnded,        // the command is to end
  };
  Kind kind;
  std::string why;  // "Connection refused"
};

[[noreturn]] inline void throw_exception_from_error(const Failure& failure, const boost::source_location&) {
  throw std::runtime_error(failure.why);
}

template <class T>
using Answer = boost::system::result<T, Failure>;

struct Request {
  std::string method = "GET";
  std::string target;  // "/api/v1/events"
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct Response {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  std::string_view header(std::string_view lowercase_name) const;
};

class HttpClient {
 public:
  static constexpr std::size_t kBodyAtMost = 64 * 1024 * 1024;

  // `token` goes into every request, unless it is empty.
  HttpClient(ClientLoop& loop, Url url, std::string token) : loop_(loop), url_(std::move(url)), token_(std::move(token)), connection_(loop, url_) {}

  const Url& url() const { return url_; }

  // The whole answer.
  Answer<Response> request(const Request& request, SteadyTime deadline);

  // The answer without its body, which read() then gives.
  Answer<Response> open(const Request& request, SteadyTime deadline);
  // The next bytes of the body, empty at its end.
  Answer<std::string_view> read(SteadyTime deadline);

  void close();

 private:
  using Parser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;

  ErrorCode exchange(const Request& request, SteadyTime deadline);
  Failure failure(ErrorCode error, Failure::Kind kind, std::string why);

  ClientLoop& loop_;
  const Url url_;
  const std::string token_;
  Connection connection_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string piece_;
};

// What an answer says is wrong: the detail of its problem (RFC 9457), or its status line's words.
std::string detail_of(const Response& response);

// The operator's sentence for a host that cannot be reached.
Error unreachable(const Url& url, std::string_view option, const Failure& failure);

}  // namespace statecast::host::client
