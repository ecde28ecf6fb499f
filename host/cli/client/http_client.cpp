#include "host/cli/client/http_client.hpp"

#include <algorithm>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <nlohmann/json.hpp>

namespace statecast::host::client {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kPiece = 64 * 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

http::request<http::string_body> message_of(const Request& request, const Url& url, const std::string& token) {
  http::request<http::string_body> out;
  out.version(11);
  out.method_string(request.method);
  out.target(url.prefix + request.target);
  out.set(http::field::host, url.authority());
  out.set(http::field::user_agent, "statecast/" STATECAST_VERSION);
  if (!token.empty()) out.set(http::field::authorization, "Bearer " + token);
  for (const auto& [name, value] : request.headers) out.set(name, value);
  out.body() = request.body;
  out.prepare_payload();
  return out;
}

template <class Message>
Response head_of(const Message& message) {
  Response out;
  out.status = message.result_int();
  for (const auto& field : message)
    out.headers.emplace_back(lower({field.name_string().data(), field.name_string().size()}), std::string(field.value().data(), field.value().size()));
  return out;
}

}  // namespace

std::string_view Response::header(std::string_view lowercase_name) const {
  const auto found = std::ranges::find(headers, lowercase_name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string_view{} : found->second;
}

Answer<Response> HttpClient::open(const Request& request, SteadyTime deadline) {
  const bool kept = connection_.is_open() && parser_ && parser_->is_done() && parser_->keep_alive();
  if (kept) {
    const ErrorCode error = exchange(request, deadline);
    if (!error) return head_of(parser_->get());
    if (loop_.ended() || error == boost::asio::error::timed_out) return failure(error, Failure::Kind::kLost, error.message());
    // The host had closed the connection since the last request: this one never got there, or is safe to repeat.
  }
  std::string why;
  if (const ErrorCode error = connection_.open(std::min(deadline, after(std::chrono::seconds(10))), why)) return failure(error, Failure::Kind::kUnreachable, why);
  if (const ErrorCode error = exchange(request, deadline)) return failure(error, Failure::Kind::kLost, error.message());
  return head_of(parser_->get());
}

ErrorCode HttpClient::exchange(const Request& request, SteadyTime deadline) {
  const auto message = message_of(request, url_, token_);
  buffer_.clear();
  parser_.emplace();
  parser_->body_limit(boost::none);
  parser_->header_limit(64 * 1024);
  ErrorCode error = connection_.await(deadline, [&](auto& stream, auto done) { http::async_write(stream, message, std::move(done)); });
  // A host that refuses a request may answer before it has read all of it.
  const bool broken = error && error != boost::asio::error::broken_pipe && error != boost::asio::error::connection_reset;
  if (broken) return error;
  return connection_.await(deadline, [&](auto& stream, auto done) { http::async_read_header(stream, buffer_, *parser_, std::move(done)); });
}

Answer<std::string_view> HttpClient::read(SteadyTime deadline) {
  piece_.resize(kPiece);
  while (!parser_->is_done()) {
    auto& body = parser_->get().body();
    body.data = piece_.data();
    body.size = piece_.size();
    body.more = true;
    ErrorCode error = connection_.await(deadline, [&](auto& stream, auto done) { http::async_read_some(stream, buffer_, *parser_, std::move(done)); });
    if (error == http::error::need_buffer) error = {};
    if (error) return failure(error, Failure::Kind::kLost, error.message());
    if (const std::size_t n = piece_.size() - body.size; n != 0) return std::string_view(piece_.data(), n);
  }
  if (!parser_->keep_alive()) connection_.close();
  return std::string_view{};
}

Answer<Response> HttpClient::request(const Request& request, SteadyTime deadline) {
  auto answer = open(request, deadline);
  if (!answer) return answer;
  while (true) {
    const auto piece = read(deadline);
    if (!piece) return piece.error();
    if (piece->empty()) return answer;
    answer->body += *piece;
    if (answer->body.size() > kBodyAtMost) {
      close();
      return Failure{Failure::Kind::kLost, "the answer is larger than 64 MiB"};
    }
  }
}

void HttpClient::close() {
  connection_.close();
  parser_.reset();
}

Failure HttpClient::failure(ErrorCode error, Failure::Kind kind, std::string why) {
  close();
  if (loop_.ended()) return {Failure::Kind::kEnded, "the command was ended"};
  if (error == boost::asio::error::timed_out) return {Failure::Kind::kLate, "no answer in time"};
  if (error == http::error::end_of_stream || error == http::error::partial_message || error == boost::asio::error::eof)
    why = "the connection was closed";
  return {kind, std::move(why)};
}

std::string detail_of(const Response& response) {
  const auto problem = nlohmann::json::parse(response.body, nullptr, false);
  if (problem.is_object() && problem.contains("detail") && problem["detail"].is_string()) return problem["detail"];
  const auto words = http::obsolete_reason(static_cast<http::status>(response.status));
  return "HTTP " + std::to_string(response.status) + " " + std::string(words.data(), words.size());
}

Error unreachable(const Url& url, std::string_view option, const Failure& failure) {
  return {"cannot reach a host at " + url.text + ": " + failure.why,
          "start the host there, or say where it is with " + std::string(option)};
}

}  // namespace statecast::host::client
