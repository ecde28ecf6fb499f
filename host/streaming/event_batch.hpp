// Events as one poll of a reader yielded them, in memory of their own, and how far each partition was read.
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
  std::uint16_t source() const { return source_; }  // number of the source among the host's sources
  std::size_t bytes() const { return text_.size(); }

  class Builder;

 private:
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
  bool empty() const { return batch_->events_.empty(); }
  Ref<EventBatch> finish();

 private:
  EventBatch* batch_;
  bool replay_;
};

}  // namespace statecast::host
