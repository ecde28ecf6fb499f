// A State and a Transport for tests of lanes and feeds, made through their real C tables.
//
// The State keeps one JSON value a key. What it does is said by the type of the event, with the key as subject:
//
//   Set      data is the key's value; on topics things/<key> and things/all
//   SetBoth  the same for <key>-left and <key>-right, in one event
//   Say      data is an array of JSON objects, each appended to log/<key> and log/all; "view" in one narrows it
//   SaySet   the data appended to log/all, then the key set to it, then the data appended again
//   Reject   rejected with data as reason
//   Hold     held with data as reason
//   Settle   all that is held is settled; Refuse: it is refused with data as reason
//   Break    the whole call fails, after what came before it in the batch
//   Block    waits for Script::unblock
//   End      the topic things/<key> ends
//   Remove   the key is gone, and leaves its topics
//
// A value of "fail" makes render throw, "oops" makes it write no JSON; the view "blind" sees nothing. A topic that ends in
// /denied is denied. The Transport writes `<cursor>|<json>\n`; its encodings are two pairs of (plain, bare).
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <semaphore>
#include <statecast/state.hpp>
#include <string>

#include "host/streaming/fanout.hpp"

namespace statecast::host::test {

// What a test tells the State, and what the plugins count. Outlives them. [any]
class Script {
 public:
  Script() { current_ = this; }
  ~Script() { current_ = nullptr; }
  static Script& current() { return *current_; }

  std::function<void(const Changes&)> on_refresh;  // set before the lane starts
  std::counting_semaphore<> blocked{0}, unblock{0};
  std::atomic<int> refreshes{0}, inside{0}, most_inside{0}, encodes{0};
  std::atomic<bool> encode_fails{false};

  void note_render(const std::string& key, const std::string& view);
  int renders(const std::string& key, const std::string& view) const;
  int renders() const;
  void note_event(const std::string& text);
  std::vector<std::string> events() const;  // "<type> <subject> <data>", in order

 private:
  static inline Script* current_ = nullptr;  // what the next instance is made for
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, int> renders_;
  std::vector<std::string> events_;
};

const Plugin& fake_state();
const Plugin& fake_transport();

std::unique_ptr<StateInstance> make_state(const std::string& id);
std::unique_ptr<TransportInstance> make_transport();

// Host-wide encodings of the fake transport: plain 0 and 2, bare 1 and 3.
std::vector<Encoding> encodings_of(const TransportInstance& transport);

}  // namespace statecast::host::test
