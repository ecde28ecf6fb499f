// The dead letters on the admin listener: what the states refused, or failed at, for an operator to look at and to decide.
//
//   GET  /api/v1/dead-letters?state=orders&limit=100&after=<letter>   in pages: "next" is the `after` of the next one
//   GET  /api/v1/dead-letters/<letter>                                one, with its event
//   POST /api/v1/dead-letters/redeliver, /drop   {"letters": ["<letter>", ...]}, application/json, at most 100
//
// A letter is named by its state and position, as in a cursor: "orders.e1.0.2f". What is redelivered is folded by its state
// alone and saved before anybody sees it.
//
// Owned by AdminApi, on the first shard. Store and lanes are asked, and their answers posted back. [shard]
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <unordered_map>

#include "host/serving/http_connection.hpp"
#include "host/streaming/stream_service.hpp"

namespace statecast::host {

class DeadLettersApi {
 public:
  explicit DeadLettersApi(StreamService& service) : service_(service) {}

  static bool is_path(std::string_view path);
  // `shard` is where the answer is given: the executor of the thread that calls.
  void handle(std::shared_ptr<HttpConnection> connection, const HttpRequest& request, const boost::asio::any_io_executor& shard);

  // Lets go of the connections that wait; once the shard's thread has ended, and before its io_context. [main]
  void clear() { requests_.clear(); }

 private:
  static constexpr std::size_t kAtOnce = 16;  // requests

  struct Request {
    std::shared_ptr<HttpConnection> connection;
    boost::asio::any_io_executor shard;
    bool one = false;        // the letter itself is asked for
    bool take = false, redeliver = false;
    std::vector<std::string> names;  // as asked for
    std::size_t lanes_left = 0;
    TakenLetters taken;
  };

  void list(Request request, const HttpRequest& asked);
  void take(Request request, const HttpRequest& asked);
  void fetch(Request request, FetchDeadLetters wanted);
  void on_page(std::uint64_t number, DeadLetterPage page);
  void post_to_lanes(std::uint64_t number, Request& request, DeadLetterPage page);
  void on_taken(std::uint64_t number, TakenLetters taken);
  HttpResponse answer(const Request& request, const DeadLetterPage& page) const;
  std::string name_of(std::uint16_t lane, const DeadLetter& letter) const;
  std::pair<std::uint16_t, DeadLetterRef> letter_named(const std::string& name) const;
  std::vector<std::uint16_t> lanes_of(const std::string& state) const;

  StreamService& service_;
  std::uint64_t next_number_ = 0;
  std::unordered_map<std::uint64_t, Request> requests_;
};

}  // namespace statecast::host
