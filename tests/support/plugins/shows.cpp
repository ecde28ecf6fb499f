// State "shows": each Shown event carries the message that its subject, a topic such as runs/r-1, and runs/all show from
// then on; Ended ends that topic. Customers see single topics only. It stands for any state whose messages a client reads.
#include <map>
#include <nlohmann/json.hpp>
#include <statecast/plugin.hpp>
#include <string>

namespace {

using namespace statecast;

std::string all_of(std::string_view topic) { return std::string(topic.substr(0, topic.find('/') + 1)) + "all"; }

class Shows : public State {
 public:
  explicit Shows(const Instance&) {}

  void apply(const Event& event, const Changes& changes) override {
    if (event.type == "Ended") return changes.ended(event.subject);
    messages_[std::string(event.subject)] = event.data;
    changes.updated(event.subject, {event.subject, all_of(event.subject)});
  }

  Admission admit(const Client& client, std::string_view topic) override {
    const bool customer = client.claims().find("\"customer\"") != std::string_view::npos;
    if (customer && topic.ends_with("/all")) return Admission::denied(std::string(topic) + " is not for customers");
    return Admission::as("all");
  }

  void list(std::string_view topic, std::string_view after, std::size_t max, const Keys& keys) override {
    for (auto at = messages_.upper_bound(std::string(after)); at != messages_.end() && max > 0; ++at) {
      if (at->first != topic && all_of(at->first) != topic) continue;
      keys.add(at->first);
      --max;
    }
  }

  bool render(std::string_view key, std::string_view, const Sink& json) override {
    const auto found = messages_.find(std::string(key));
    if (found != messages_.end()) json.write(found->second);
    return found != messages_.end();
  }

  void load(std::string_view, std::string_view key, std::string_view bytes) override { messages_[std::string(key)] = bytes; }

  bool save(std::string_view key, const Sink& bytes) override { return render(key, {}, bytes); }

 private:
  std::map<std::string, std::string> messages_;
};

constexpr std::string_view kManifest = R"({
  "consumes": [{"type": "Shown", "key": "/subject"}, {"type": "Ended", "key": "/subject"}],
  "topics": [
    {"prefix": "runs", "kind": "updated", "spans": ["all"]},
    {"prefix": "drivers", "kind": "updated", "spans": ["all"]},
    {"prefix": "merchants", "kind": "updated", "spans": ["all"]},
    {"prefix": "windows", "kind": "updated", "spans": ["all"]}
  ]
})";

}  // namespace

STATECAST_PLUGINS("statecast-tests", "0.1.0", state<Shows>("shows", "1.0.0", "Shows the messages of its events", kManifest));
