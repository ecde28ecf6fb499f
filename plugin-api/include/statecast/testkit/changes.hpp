// What a State reported from apply or refresh, in order.
#pragma once

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "instance.hpp"
#include "owned_event.hpp"

namespace statecast::testkit {

struct Change {
  std::string what{};       // the name of the function in sc_changes: "updated", "appended", ...
  std::size_t event = 0;  // the index into the batch, SC_NO_EVENT in refresh
  std::string key{};
  std::vector<std::string> topics{};
  std::string view{}, json{};  // of an appended message
  std::string reason{};     // of a rejection, a hold or a refusal
  std::string place{};      // of an event that is held, settled or refused
  OwnedEvent handed_back{};  // with a refusal
  bool operator==(const Change&) const = default;
};

// One line: "0: updated o-1 on orders/o-1 orders/all", "1: rejected: no such order", "-: touched o-2", "-: refused at 7: late".
inline std::ostream& operator<<(std::ostream& out, const Change& c) {
  if (c.event == SC_NO_EVENT) {
    out << '-';
  } else {
    out << c.event;
  }
  out << ": " << c.what;
  if (!c.key.empty()) out << ' ' << c.key;
  if (!c.topics.empty()) out << " on";
  for (const std::string& topic : c.topics) out << ' ' << topic;
  if (!c.place.empty()) out << " at " << c.place;
  if (!c.view.empty()) out << " for " << c.view;
  if (!c.json.empty()) out << ": " << c.json;
  if (!c.reason.empty()) out << ": " << c.reason;
  return out;
}

// What one apply or refresh came to.
struct Reported {
  Outcome outcome;
  std::vector<Change> changes;

  // One line for each change.
  std::string text() const {
    std::ostringstream out;
    for (const Change& change : changes) out << change << '\n';
    return std::move(out).str();
  }

  std::vector<std::string> rejections() const {
    std::vector<std::string> reasons;
    for (const Change& change : changes) {
      if (change.what == "rejected") reasons.push_back(change.reason);
    }
    return reasons;
  }
};

// The sc_changes of one call. An event is held at the place that its position's first number gives.
class ChangeRecorder {
 public:
  explicit ChangeRecorder(const sc_event* const* events = nullptr, bool may_hold = true) : events_(events) {
    if (!may_hold || events == nullptr) abi_.held = nullptr;
  }
  ChangeRecorder(const ChangeRecorder&) = delete;
  ChangeRecorder& operator=(const ChangeRecorder&) = delete;

  std::vector<Change> changes;
  const sc_changes* abi() const { return &abi_; }

 private:
  static void add(void* ctx, Change change) { static_cast<ChangeRecorder*>(ctx)->changes.push_back(std::move(change)); }

  static std::vector<std::string> strings(const sc_str* topics, std::size_t n) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < n; ++i) out.emplace_back(statecast::view(topics[i]));
    return out;
  }

  static std::string owned(sc_str s) { return std::string(statecast::view(s)); }

  static void on_updated(void* ctx, std::size_t ev, sc_str key, const sc_str* topics, std::size_t n) {
    add(ctx, {.what = "updated", .event = ev, .key = owned(key), .topics = strings(topics, n)});
  }
  static void on_appended(void* ctx, std::size_t ev, sc_str key, const sc_str* topics, std::size_t n, sc_str view,
                          sc_str json) {
    add(ctx, {.what = "appended",
              .event = ev,
              .key = owned(key),
              .topics = strings(topics, n),
              .view = owned(view),
              .json = owned(json)});
  }
  static void on_removed(void* ctx, std::size_t ev, sc_str key, const sc_str* topics, std::size_t n) {
    add(ctx, {.what = "removed", .event = ev, .key = owned(key), .topics = strings(topics, n)});
  }
  static void on_ended(void* ctx, std::size_t ev, sc_str topic) {
    add(ctx, {.what = "ended", .event = ev, .topics = strings(&topic, 1)});
  }
  static void on_touched(void* ctx, std::size_t ev, sc_str key) {
    add(ctx, {.what = "touched", .event = ev, .key = owned(key)});
  }
  static void on_rejected(void* ctx, std::size_t ev, sc_str reason) {
    add(ctx, {.what = "rejected", .event = ev, .reason = owned(reason)});
  }
  static void on_failed(void* ctx, std::size_t ev, sc_str reason) {
    add(ctx, {.what = "failed", .event = ev, .reason = owned(reason)});
  }

  static void on_held(void* ctx, std::size_t ev, sc_str reason, const sc_sink* place) {
    const std::string text = std::to_string(static_cast<ChangeRecorder*>(ctx)->events_[ev]->pos.hi);
    place->write(place->ctx, text.data(), text.size());
    add(ctx, {.what = "held", .event = ev, .reason = owned(reason), .place = text});
  }
  static void on_settled(void* ctx, sc_str place) {
    add(ctx, {.what = "settled", .event = SC_NO_EVENT, .place = owned(place)});
  }
  static void on_refused(void* ctx, sc_str place, const sc_event* event, sc_str reason) {
    add(ctx, {.what = "refused",
              .event = SC_NO_EVENT,
              .reason = owned(reason),
              .place = owned(place),
              .handed_back = OwnedEvent::of(detail::from_abi(*event))});
  }

  const sc_event* const* const events_;
  sc_changes abi_ = {sizeof(sc_changes), this,      on_updated, on_appended, on_removed, on_ended,
                     on_touched,         on_rejected, on_failed,  on_held,     on_settled, on_refused};
};

}  // namespace statecast::testkit
