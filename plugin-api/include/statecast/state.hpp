// A State in C++: derive from statecast::State and export it with plugin.hpp.
//
// Every call to one instance comes from its lane, one at a time. An exception ends the call with a status and its text.
// Thrown by apply(event), Failure(SC_REJECTED) rejects that event; any other says that the State failed at it, and five such
// in a row have the host make the State anew. Either way the batch goes on.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>

#include "detail/events.hpp"
#include "detail/strings.hpp"
#include "types.hpp"

namespace statecast {

// Where apply and refresh report what changed; valid during that call. Rules of each report: abi/state.h.
class Changes {
 public:
  Changes(const sc_changes* changes, std::size_t event) : changes_(changes), event_(event) {}

  using Topics = std::initializer_list<std::string_view>;

  void updated(std::string_view key, std::span<const std::string_view> topics) const {
    const detail::Strings list(topics);
    changes_->updated(changes_->ctx, event_, str(key), list.data(), list.size());
  }
  void updated(std::string_view key, Topics topics) const { updated(key, std::span(topics.begin(), topics.size())); }

  // An empty view means every view.
  void appended(std::string_view key, std::span<const std::string_view> topics, std::string_view view,
                std::string_view json) const {
    const detail::Strings list(topics);
    changes_->appended(changes_->ctx, event_, str(key), list.data(), list.size(), str(view), str(json));
  }
  void appended(std::string_view key, Topics topics, std::string_view view, std::string_view json) const {
    appended(key, std::span(topics.begin(), topics.size()), view, json);
  }

  void removed(std::string_view key, std::span<const std::string_view> topics) const {
    const detail::Strings list(topics);
    changes_->removed(changes_->ctx, event_, str(key), list.data(), list.size());
  }
  void removed(std::string_view key, Topics topics) const { removed(key, std::span(topics.begin(), topics.size())); }

  void ended(std::string_view topic) const { changes_->ended(changes_->ctx, event_, str(topic)); }
  void touched(std::string_view key) const { changes_->touched(changes_->ctx, event_, str(key)); }

  // Within apply only; the event must have changed nothing.
  void rejected(std::string_view reason) const { changes_->rejected(changes_->ctx, event_, str(reason)); }

  // Within apply only; a host from before there was this report takes it for a rejection.
  void failed(std::string_view reason) const {
    const bool known = changes_->size >= offsetof(sc_changes, failed) + sizeof changes_->failed;
    (known ? changes_->failed : changes_->rejected)(changes_->ctx, event_, str(reason));
  }

  // Whether the event may be put off. A host from before there was this never lets it.
  bool may_hold() const { return knows_held() && changes_->held != nullptr; }
  // Within apply, and when it may; returns the place under which settled or refused speaks of the event later.
  std::string held(std::string_view reason) const {
    std::string place;
    const sc_sink sink = {sizeof(sc_sink), &place, [](void* ctx, const void* bytes, std::size_t n) {
                            static_cast<std::string*>(ctx)->append(static_cast<const char*>(bytes), n);
                          }};
    changes_->held(changes_->ctx, event_, str(reason), &sink);
    return place;
  }

  // Of events that were held. What a newer host held, an older one is not told of.
  void settled(std::string_view place) const {
    if (knows_held()) changes_->settled(changes_->ctx, str(place));
  }
  void refused(std::string_view place, const Event& event, std::string_view reason) const {
    const sc_event handed_back = detail::to_abi(event);
    if (knows_held()) changes_->refused(changes_->ctx, str(place), &handed_back, str(reason));
  }

 private:
  bool knows_held() const { return changes_->size >= offsetof(sc_changes, refused) + sizeof changes_->refused; }

  const sc_changes* changes_;
  std::size_t event_;
};

// The client that asks: the RequestContext.
class Client {
 public:
  explicit Client(const sc_client* client) : client_(client) {}

  std::uint64_t session() const { return client_->session; }
  std::string_view remote() const { return view(client_->remote); }
  std::string_view method() const { return view(client_->method); }
  std::string_view path() const { return view(client_->path); }
  std::string_view query() const { return view(client_->query); }    // still percent-encoded
  std::string_view claims() const { return view(client_->claims); }  // JSON object
  std::string_view header(std::string_view lowercase_name) const {
    return view(client_->header(client_->ctx, str(lowercase_name)));
  }

 private:
  const sc_client* client_;
};

// The verdict on a client and a topic.
struct Admission {
  sc_status status;  // SC_OK, SC_DENIED or SC_UNKNOWN
  std::string text;  // the view when OK, else the reason

  static Admission as(std::string view) { return {SC_OK, std::move(view)}; }
  static Admission denied(std::string reason) { return {SC_DENIED, std::move(reason)}; }
  static Admission unknown(std::string reason) { return {SC_UNKNOWN, std::move(reason)}; }
};

// Takes the keys of a snapshot page, in ascending byte order.
class Keys {
 public:
  explicit Keys(const sc_keys* keys) : keys_(keys) {}
  void add(std::string_view key) const { keys_->key(keys_->ctx, str(key)); }

 private:
  const sc_keys* keys_;
};

class State {
 public:
  virtual ~State() = default;

  // Folds one event. Must not look at any clock. [lane]
  virtual void apply(const Event& event, const Changes& changes) = 0;

  // Brings the cache up to date with the clock, at each tick once the history is replayed. What is evicted for its age is judged by Host::aged_us, not
  // by now_us, which may jump. [lane]
  virtual void refresh(std::int64_t /*now_us*/, const Changes& /*changes*/) {}

  // Says what this client sees of the topic. [lane]
  virtual Admission admit(const Client& client, std::string_view topic) = 0;

  // Names up to `max` keys on the topic greater than after_key, ascending. Fewer than max = the list has ended. [lane]
  virtual void list(std::string_view topic, std::string_view after_key, std::size_t max, const Keys& keys) = 0;

  // Writes the key's current message, one JSON object, for the view. False = nothing for this view. [lane]
  virtual bool render(std::string_view key, std::string_view view, const Sink& json) = 0;

  // Takes back one saved key; throwing refuses the checkpoint. [lane]
  virtual void load(std::string_view version, std::string_view key, std::string_view bytes) = 0;

  // Writes the bytes for load. False = the key is gone. [lane]
  virtual bool save(std::string_view key, const Sink& bytes) = 0;

  virtual const void* get_extension(std::string_view /*id*/) { return nullptr; }
};

}  // namespace statecast
