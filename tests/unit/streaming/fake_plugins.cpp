#include "fake_plugins.hpp"

#include <nlohmann/json.hpp>
#include <statecast/detail/state_table.hpp>
#include <statecast/detail/transport_table.hpp>
#include <statecast/testkit/owned_event.hpp>
#include <utility>

namespace statecast::host::test {

// ---- Script

void Script::note_render(const std::string& key, const std::string& view) {
  const std::lock_guard lock(mutex_);
  ++renders_[{key, view}];
}

int Script::renders(const std::string& key, const std::string& view) const {
  const std::lock_guard lock(mutex_);
  const auto found = renders_.find({key, view});
  return found == renders_.end() ? 0 : found->second;
}

int Script::renders() const {
  const std::lock_guard lock(mutex_);
  int sum = 0;
  for (const auto& [what, count] : renders_) sum += count;
  return sum;
}

void Script::note_event(const std::string& text) {
  const std::lock_guard lock(mutex_);
  events_.push_back(text);
}

std::vector<std::string> Script::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

namespace {

// ---- the State

using nlohmann::json;

class FakeState final : public State {
 public:
  explicit FakeState(const Instance&) : script_(Script::current()) {}

  void apply(const Event& event, const Changes& changes) override {
    const Inside inside(script_);
    const std::string key(event.subject), data(event.data);
    script_.note_event(std::string(event.type) + " " + key + " " + data);
    if (event.type == "Set") set(key, data, changes);
    if (event.type == "SetBoth") set(key + "-left", data, changes), set(key + "-right", data, changes);
    if (event.type == "Say")
      for (const json& said : json::parse(data)) say(key, said, changes);
    if (event.type == "SaySet") {
      say(key, json::parse(data), changes);
      set(key, data, changes);
      say(key, json::parse(data), changes);
    }
    if (event.type == "Reject") changes.rejected(data);
    if (event.type == "Hold") held_.emplace_back(changes.held(data), testkit::OwnedEvent::of(event));
    if (event.type == "Settle")
      for (const auto& [place, held] : std::exchange(held_, {})) changes.settled(place);
    if (event.type == "Refuse")
      for (const auto& [place, held] : std::exchange(held_, {})) changes.refused(place, held.view(), data);
    if (event.type == "End") changes.ended("things/" + key);
    if (event.type == "Remove") {
      values_.erase(key);
      changes.removed(key, {"things/" + key, "things/all"});
    }
    if (event.type == "Block") {
      script_.blocked.release();
      script_.unblock.acquire();
    }
  }

  void refresh(std::int64_t, const Changes& changes) override {
    const Inside inside(script_);
    ++script_.refreshes;
    if (script_.on_refresh) script_.on_refresh(changes);
  }

  Admission admit(const Client& client, std::string_view topic) override {
    if (topic.ends_with("/denied")) return Admission::denied("this topic is not for you");
    const auto view = json::parse(client.claims()).value("view", "all");
    return Admission::as(view);
  }

  void list(std::string_view topic, std::string_view after_key, std::size_t max, const Keys& keys) override {
    if (!topic.starts_with("things/")) return;
    const std::string_view name = topic.substr(7);
    std::size_t listed = 0;
    for (auto at = values_.upper_bound(after_key); at != values_.end() && listed < max; ++at) {
      if (name != "all" && name != at->first) continue;
      keys.add(at->first);
      ++listed;
    }
  }

  bool render(std::string_view key, std::string_view view, const Sink& out) override {
    script_.note_render(std::string(key), std::string(view));
    const auto found = values_.find(key);
    if (found == values_.end() || view == "blind") return false;
    if (found->second == "\"fail\"") throw std::runtime_error("cannot render this");
    if (found->second == "\"oops\"") return out.write("oops"), true;
    out.write(R"({"key":")" + found->first + R"(","value":)" + found->second + R"(,"view":")" + std::string(view) + "\"}");
    return true;
  }

  void load(std::string_view, std::string_view key, std::string_view bytes) override {
    if (bytes == "unreadable") throw std::runtime_error("these bytes mean nothing here");
    values_.insert_or_assign(std::string(key), std::string(bytes));
  }
  bool save(std::string_view key, const Sink& bytes) override {
    const auto found = values_.find(key);
    if (found != values_.end()) bytes.write(found->second);
    return found != values_.end();
  }

 private:
  // Counts the calls under way: more than one at a time would break what a State is promised.
  struct Inside {
    explicit Inside(Script& s) : script(s) {
      const int now = ++script.inside;
      if (now > script.most_inside) script.most_inside = now;
    }
    ~Inside() { --script.inside; }
    Script& script;
  };

  void set(const std::string& key, const std::string& value, const Changes& changes) {
    values_[key] = value;
    changes.updated(key, {"things/" + key, "things/all"});
  }

  static void say(const std::string& key, const json& said, const Changes& changes) {
    changes.appended(key, {"log/" + key, "log/all"}, said.value("view", ""), said.dump());
  }

  Script& script_;
  std::map<std::string, std::string, std::less<>> values_;
  std::vector<std::pair<std::string, testkit::OwnedEvent>> held_;  // by place
};

// The SDK never fails a call as a whole; a State in C may.
sc_status apply_until_broken(void* self, const sc_event* const* events, std::size_t n, const sc_changes* changes,
                             const sc_sink* err) {
  const sc_status status = detail::kStateTable<FakeState>.apply(self, events, n, changes, err);
  for (std::size_t i = 0; i < n; ++i) {
    if (view(events[i]->type) != "Break") continue;
    detail::to_sink(err)("the disk is gone");
    return SC_FAILED;
  }
  return status;
}

// ---- the Transport

class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(const Instance&) : script_(Script::current()) {}
  Opened open(const Client&, const Commands&) override { return {}; }
  void head(statecast::Session*, const Sink&) override {}
  void decode(statecast::Session*, std::string_view, const Commands&, const Sink&) override {}
  void answer(statecast::Session*, std::uint64_t, sc_status, std::string_view, const Sink&) override {}
  void encode(std::uint32_t encoding, const Message& message, const Sink& out) const override {
    ++script_.encodes;
    if (script_.encode_fails) throw std::runtime_error("cannot encode this");
    const bool bare = encoding % 2 == 1;
    out.write(std::string(bare ? std::string_view{} : message.cursor) + "|" + std::string(message.json) + "\n");
  }
  void heartbeat(std::uint32_t, const Sink&) const override {}
  void close(statecast::Session*, std::uint32_t, std::string_view, std::uint32_t, const Sink&) override {}

 private:
  Script& script_;
};

Plugin plugin(std::uint32_t kind, const void* functions) {
  Plugin out;
  out.kind = kind;
  out.id = "fake";
  out.version = "1.0.0";
  out.functions = functions;
  return out;
}

}  // namespace

const Plugin& fake_state() {
  static const sc_state table = [] {
    auto t = detail::kStateTable<FakeState>;
    t.apply = apply_until_broken;
    return t;
  }();
  static const Plugin made = plugin(SC_KIND_STATE, &table);
  return made;
}

const Plugin& fake_transport() {
  static const Plugin made = plugin(SC_KIND_TRANSPORT, &detail::kTransportTable<FakeTransport>);
  return made;
}

std::unique_ptr<StateInstance> make_state(const std::string& id) {
  InstanceOptions options;
  options.id = id;
  return *StateInstance::create(fake_state(), options);
}

std::unique_ptr<TransportInstance> make_transport() {
  InstanceOptions options;
  options.id = "fake";
  return *TransportInstance::create(fake_transport(), options);
}

std::vector<Encoding> encodings_of(const TransportInstance& transport) {
  return {{&transport, 0, 1}, {&transport, 1, 1}, {&transport, 2, 3}, {&transport, 3, 3}};
}

}  // namespace statecast::host::test
