// State "notes": appends each NoteAdded to notes/<subject> and notes/all, numbered by subject from 1.
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <statecast/plugin.hpp>
#include <string>

namespace {

using namespace statecast;

class Notes : public State {
 public:
  explicit Notes(const Instance& instance) : host_(instance.host), added_(host_.counter("notes-added", "Notes added.")) {}

  void apply(const Event& event, const Changes& changes) override {
    host_.add(added_, 1);
    const std::string subject(event.subject);
    const std::string n = std::to_string(++counts_[subject]);
    changes.appended(subject, {"notes/" + subject, "notes/all"}, {},
                     R"({"type":"note","topic":)" + nlohmann::json(subject).dump() + R"(,"n":)" + n + R"(,"data":)" +
                         std::string(event.data) + "}");
  }

  Admission admit(const Client&, std::string_view topic) override {
    return topic.starts_with("notes/") ? Admission::as("all") : Admission::unknown("no such topic");
  }

  // What was appended is history, which the host keeps; there is no latest value.
  void list(std::string_view, std::string_view, std::size_t, const Keys&) override {}
  bool render(std::string_view, std::string_view, const Sink&) override { return false; }

  void load(std::string_view, std::string_view key, std::string_view bytes) override {
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), n);
    if (error != std::errc() || end != bytes.data() + bytes.size()) throw Failure(SC_REJECTED, "not a count");
    counts_[std::string(key)] = n;
  }

  bool save(std::string_view key, const Sink& bytes) override {
    const auto found = counts_.find(std::string(key));
    if (found == counts_.end()) return false;
    bytes.write(std::to_string(found->second));
    return true;
  }

 private:
  const Host host_;
  const std::uint32_t added_;
  std::map<std::string, std::uint64_t> counts_;
};

constexpr std::string_view kManifest = R"({
  "consumes": [{"type": "NoteAdded", "key": "/subject"}],
  "topics": [{"prefix": "notes", "kind": "appended", "spans": ["all"]}],
  "partitionable": true
})";

}  // namespace

STATECAST_PLUGINS("statecast-tests", "0.1.0", state<Notes>("notes", "1.0.0", "Appends notes", kManifest));
