// Events as one poll of a reader yielded them, in memory of their own, and how far each partition was read: a place
// whose event is damaged stands among them with its position alone.
//
// Built on a source thread, then immutable and shared by the lanes that consume it.
#pragma once

#include <string>
#include <vector>

#include "host/streaming/ref.hpp"
#include "plugin-api/include/statecast/types.hpp"

namespace statecast::host {

class EventBatch : public Counted<EventBatch> {
 public:
  // The events, in order. They live as long as the batch.
  const std::vector<sc_event>& events() const { return events_; }
  static bool is_place_alone(const sc_event& event) { return (event.flags & kPlaceAlone) != 0; }
  std::uint16_t source() const { return source_; }  // number of the source among the host's sources
  std::size_t bytes() const { return text_.size(); }

  class Builder;

 private:
  static constexpr std::uint32_t kPlaceAlone = 1u << 31;  // in sc_event::flags; no State sees such an event

  friend class Counted<EventBatch>;
  EventBatch() = default;
  ~EventBatch() = default;

  std::uint16_t source_ = 0;
  std::string text_;
  std::vector<sc_event> events_;
};

// Collects the events of a poll. `replay` marks them as history.
class EventBatch::Builder {
 public:
  Builder(std::uint16_t source, bool replay) : batch_(new EventBatch), replay_(replay) { batch_->source_ = source; }
  ~Builder() {
    if (batch_) batch_->release();
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  void add(const sc_event& event);
  void pass(const sc_pos& place);
  bool empty() const { return batch_->events_.empty(); }
  Ref<EventBatch> finish();

 private:
  EventBatch* batch_;
  bool replay_;
};

}  // namespace statecast::host
