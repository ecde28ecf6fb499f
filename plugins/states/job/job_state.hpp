// The states of the nodes of a cluster, and the jobs that they work on: appends a message for each update, with its
// number among the node's.
//
// A node's count is never let go of: two updates of a node under one number could not be told apart by a client, and a
// clock that decided when to start anew would number them otherwise in a replay. What is kept of a node is therefore
// small, and how many there may be is bounded. Owned by the host; every call comes on its lane. With partitions, each
// instance counts its own nodes.
#pragma once

#include <cstdint>
#include <map>
#include <statecast/state.hpp>
#include <string>

#include "plugins/states/bound.hpp"
#include "plugins/states/id.hpp"
#include "plugins/states/job/settings.hpp"

namespace statecast::job {

class JobState final : public State {
 public:
  static constexpr const char* kView = "all";
  static constexpr std::size_t kNodeBytes = Bound::kRecordBytes + kIdBytesAtMost;

  explicit JobState(const Instance& instance)
      : settings_(Settings::read(instance.settings)),
        bound_(instance.host, "nodes", {settings_.max_nodes, settings_.max_nodes * kNodeBytes}) {}

  void apply(const Event& event, const Changes& changes) override;
  Admission admit(const Client& client, std::string_view topic) override;
  // What counts on these topics is their history, which the host keeps: no key has a value.
  void list(std::string_view, std::string_view, std::size_t, const Keys&) override {}
  bool render(std::string_view, std::string_view, const Sink&) override { return false; }
  void load(std::string_view version, std::string_view key, std::string_view bytes) override;
  bool save(std::string_view key, const Sink& bytes) override;

 private:
  using Counts = std::map<std::string, std::uint64_t, std::less<>>;

  void check_room(std::string_view node) const;

  const Settings settings_;
  Bound bound_;
  Counts updates_;  // by node
};

}  // namespace statecast::job
