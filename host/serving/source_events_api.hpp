// GET /api/v1/sources/<id>/events on the admin listener: the events of a source as lines, page after page, for recordings.
//
//   after=<cursor>   from the event after this one; left out = from the oldest
//   until=<cursor>   up to this event; left out = up to the newest of now
//   follow=true      go on with what is still to come, instead of `until`
//   limit=1000       events a page, at most 10000
//   wait=0           seconds to wait for the first event, at most 60
//
// The answer is application/x-ndjson. `Link: <...>; rel="next"` leads to the next page as long as there is one;
// `Statecast-Cursor` is the place after this page, `Statecast-Progress` how much of the way to `until` lies behind it.
//
// Owned by AdminApi, on the first shard. A page is read elsewhere, and its answer posted back. [shard]
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <unordered_map>

#include "host/serving/http_connection.hpp"
#include "host/streaming/stream_service.hpp"

namespace statecast::host {

class SourceEventsApi {
 public:
  explicit SourceEventsApi(StreamService& service) : service_(service) {}

  static bool is_path(std::string_view path);
  // `shard` is where the answer is given: the executor of the thread that calls.
  void handle(std::shared_ptr<HttpConnection> connection, const HttpRequest& request, const boost::asio::any_io_executor& shard);

  // Lets go of the connections that wait for a page; once the shard's thread has ended, and before its io_context. [main]
  void clear() { requests_.clear(); }

 private:
  struct Request {
    std::shared_ptr<HttpConnection> connection;
    SourceInstance* source = nullptr;
    std::vector<Position> until;
    std::uint64_t limit = 1000, wait_s = 0;
    bool follow = false;
  };

  void post_page(std::uint64_t number, SourcePages::Page page, const boost::asio::any_io_executor& shard);
  void on_page(std::uint64_t number, SourcePages::Page page);
  static std::string next_page(const Request& request, const SourcePages::Page& page);

  StreamService& service_;
  std::uint64_t next_number_ = 0;
  std::unordered_map<std::uint64_t, Request> requests_;  // at most SourcePages::kAtOnce
};

}  // namespace statecast::host
