#include "host/streaming/event_batch.hpp"

#include <algorithm>

namespace statecast::host {

namespace {

constexpr sc_str sc_event::*kTexts[] = {&sc_event::id,      &sc_event::source, &sc_event::type,
                                        &sc_event::subject, &sc_event::data,   &sc_event::extensions};

}  // namespace

void EventBatch::Builder::add(const sc_event& event) {
  sc_event copy = event;
  copy.size = sizeof copy;
  copy.flags = replay_ ? SC_EVENT_REPLAY : 0;
  // The text grows, once for all that is added, and may move: finish() turns the lengths into pointers.
  std::string& all = batch_->text_;
  std::size_t bytes = 0;
  for (auto text : kTexts) bytes += (event.*text).n;
  if (all.capacity() - all.size() < bytes) all.reserve(std::max(2 * all.capacity(), all.size() + bytes));
  for (auto text : kTexts) all.append(view(event.*text));
  batch_->events_.push_back(copy);
}

void EventBatch::Builder::pass(const sc_pos& place) {
  sc_event event{};
  event.size = sizeof event;
  event.pos = place;
  event.flags = kPlaceAlone;
  batch_->events_.push_back(event);
}

Ref<EventBatch> EventBatch::Builder::finish() {
  const char* at = batch_->text_.data();
  for (sc_event& event : batch_->events_)
    for (auto text : kTexts) {
      (event.*text).p = at;
      at += (event.*text).n;
    }
  return Ref<EventBatch>::adopt(std::exchange(batch_, nullptr));
}

}  // namespace statecast::host
