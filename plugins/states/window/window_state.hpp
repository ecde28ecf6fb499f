// Counts the events of a stream by tumbling windows of event time, and appends each window's counts when it closes.
//
// A window closes by an event, never by the clock: so a replay appends the same messages at the same places. Owned by
// the host; every call comes on its lane.
#pragma once

#include <statecast/state.hpp>
#include <vector>

#include "plugins/states/window/open_windows.hpp"
#include "plugins/states/window/settings.hpp"
#include "plugins/states/window/stream_time.hpp"

namespace statecast::window {

class WindowState final : public State {
 public:
  static constexpr const char* kView = "all";

  // So many events in a row that are too far ahead are believed: the stream has moved on, after a pause perhaps.
  static constexpr std::size_t kHeldAtMost = 10;

  explicit WindowState(const Instance& instance);

  void apply(const Event& event, const Changes& changes) override;
  Admission admit(const Client& client, std::string_view topic) override;
  // What counts on these topics is their history, which the host keeps: no key has a value.
  void list(std::string_view, std::string_view, std::size_t, const Keys&) override {}
  bool render(std::string_view, std::string_view, const Sink&) override { return false; }
  void load(std::string_view version, std::string_view key, std::string_view bytes) override;
  bool save(std::string_view key, const Sink& bytes) override;

 private:
  // What is needed of an event.
  struct Arrival {
    std::int64_t time_us = 0;
    bool counted = false;  // else only its time matters
    std::string type{}, group{};
  };

  Arrival read(const Event& event) const;
  void hold(Arrival arrival, const Changes& changes);
  void drop_held(const Changes& changes);
  void fold(const Arrival& arrival, const Changes& changes);
  void count(const Arrival& arrival, const Changes& changes);
  void drop(const Arrival& arrival);
  void close_windows(const Changes& changes);
  void append(const Place& place, const Window& window, const Changes& changes) const;
  std::int64_t last_closed_start() const;

  void load_stream(std::string_view bytes);
  std::string save_stream() const;

  const Host host_;
  const Settings settings_;
  // Metrics.
  const std::uint32_t late_, ahead_, ungrouped_, dropped_;

  StreamTime time_;
  OpenWindows windows_;
  std::vector<Arrival> held_;  // in a row too far ahead to be believed; fewer than kHeldAtMost
  bool told_of_drops_ = false, told_of_ahead_ = false;
};

}  // namespace statecast::window
