// Which of a State's entities had no event for longest, by the times of their events.
//
// An event costs next to nothing here: an entity's place in the queue may be older than its last event, and is brought up to
// date when the entity is looked at. Owned by a State, on its lane; holds views of the ids.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace statecast {

// What an entity remembers for its queue.
struct Activity {
  static constexpr std::int64_t kUnknown = INT64_MIN;
  std::int64_t last_us = kUnknown;    // the time of the last event that changed it
  std::int64_t queued_us = kUnknown;  // its place
};

class IdleQueue {
 public:
  // An event of this time changed the entity.
  void note(Activity& activity, std::int64_t time_us) {
    activity.last_us = std::max(activity.last_us, time_us);
    newest_us_ = std::max(newest_us_, time_us);
  }

  void enter(std::string_view id, Activity& activity) {
    activity.queued_us = activity.last_us;
    newest_us_ = std::max(newest_us_, activity.last_us);
    queue_.emplace(activity.queued_us, id);
  }
  void leave(std::string_view id, const Activity& activity) { queue_.erase({activity.queued_us, id}); }

  // The one that had no event for longest, of several the one with the least id; nothing = there are none. `activity_of(id)` is
  // a reference.
  template <class ActivityOf>
  std::optional<std::string_view> longest(ActivityOf&& activity_of) {
    while (!queue_.empty()) {
      const std::string_view id = queue_.begin()->second;
      Activity& activity = activity_of(id);
      if (activity.last_us == activity.queued_us) return id;
      leave(id, activity);
      enter(id, activity);
    }
    return std::nullopt;
  }

  // Its last event was at this time after all.
  void bring_back(std::string_view id, Activity& activity, std::int64_t time_us) {
    leave(id, activity);
    activity.last_us = time_us;
    enter(id, activity);
  }

  // Calls `evict(id)`, which must have it leave, for each without an event for `idle_us`, at most `left` times, and takes them off
  // `left`; `aged_us` is Host::aged_us of idle_us.
  // It is counted up to the newest event of all, or to now if that is earlier: what rests as a whole stays, and one event ahead
  // of the clock evicts nothing, nor does it keep its own entity for ever.
  template <class ActivityOf, class Evict>
  void evict_idle(std::int64_t now_us, std::int64_t aged_us, std::int64_t idle_us, std::size_t& left, ActivityOf&& activity_of, Evict&& evict) {
    if (idle_us == 0 || newest_us_ == Activity::kUnknown) return;
    bring_all_back_to(now_us, activity_of);
    const std::int64_t until_us = std::min(aged_us + idle_us, newest_us_);
    while (left > 0) {
      const auto id = longest(activity_of);
      if (!id) return;
      Activity& activity = activity_of(*id);
      if (activity.last_us == Activity::kUnknown) {
        activity.last_us = until_us;  // as saved by an older version
        continue;
      }
      if (activity.last_us >= until_us - idle_us) return;
      evict(*id);
      --left;
    }
  }

 private:
  template <class ActivityOf>
  void bring_all_back_to(std::int64_t now_us, ActivityOf&& activity_of) {
    newest_us_ = std::min(newest_us_, now_us);
    while (!queue_.empty() && queue_.rbegin()->first > now_us) {
      const std::string_view id = queue_.rbegin()->second;
      bring_back(id, activity_of(id), now_us);
    }
  }

  std::set<std::pair<std::int64_t, std::string_view>> queue_;
  std::int64_t newest_us_ = Activity::kUnknown;
};

}  // namespace statecast
