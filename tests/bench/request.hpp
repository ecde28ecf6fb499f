// One publishing request as bytes: made once, then only the ids of its events are written anew, so that a load costs its
// client next to nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace statecast::bench {

struct RequestForm {
  std::size_t events = 1;         // more than one: NDJSON, one line each
  std::size_t event_bytes = 300;  // of each event's JSON
  std::string type;               // of the events
};

class Request {
 public:
  Request(const RequestForm& form, std::uint64_t publisher);

  // Names the events anew: the same event twice would be a duplicate, which a log does not store.
  void renew();
  std::string_view bytes() const { return text_; }
  std::size_t events() const { return ids_.size(); }

 private:
  std::string text_;
  std::vector<std::size_t> ids_;  // where in the text each event's number stands
  std::uint64_t next_ = 0;
};

}  // namespace statecast::bench
