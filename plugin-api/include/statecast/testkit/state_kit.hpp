// Drives a State through its C table.
#pragma once

#include <optional>

#include "../detail/state_table.hpp"
#include "changes.hpp"
#include "owned_event.hpp"
#include "request_context.hpp"

namespace statecast::testkit {

template <class Plugin>
const sc_state& state_table() {
  return detail::kStateTable<Plugin>;
}

class StateKit : public PluginInstance<sc_state> {
 public:
  using PluginInstance::PluginInstance;

  // Events without id or position are numbered.
  Reported apply(std::vector<OwnedEvent> events) { return apply(std::move(events), true); }

  // As when an operator redelivers an event: it may not be held.
  Reported redeliver(OwnedEvent event) { return apply({std::move(event)}, false); }

  // Sets the fake host's clock as well.
  Reported refresh(std::int64_t now_us) {
    host().clock.set(now_us);
    ChangeRecorder recorder;
    Collected err;
    const sc_status status = table().refresh(self(), now_us, recorder.abi(), err.abi());
    return {{status, err.text}, std::move(recorder.changes)};
  }

  // At the time of the fake host's clock.
  Reported refresh() { return refresh(host().clock.now_us()); }

  // The text is the view when OK, else the reason.
  Outcome admit(const RequestContext& client, std::string_view topic) {
    const sc_client abi = client.abi();
    Collected view, err;
    const sc_status status = table().admit(self(), &abi, str(topic), view.abi(), err.abi());
    return {status, status == SC_OK ? view.text : err.text};
  }
  Outcome admit(std::string claims, std::string_view topic) {
    return admit(RequestContext{.claims = std::move(claims)}, topic);
  }

  std::vector<std::string> list(std::string_view topic, std::string_view after_key = {}, std::size_t max = 1000) {
    std::vector<std::string> found;
    const sc_keys keys = {sizeof(sc_keys), &found, [](void* ctx, sc_str key) {
                            static_cast<std::vector<std::string>*>(ctx)->emplace_back(view(key));
                          }};
    Collected err;
    const sc_status status = table().list(self(), str(topic), str(after_key), max, &keys, err.abi());
    if (status != SC_OK) throw Failure(status, err.text);
    return found;
  }

  // Nothing = the key has nothing for this view.
  std::optional<std::string> render(std::string_view key, std::string_view view) {
    return written([&](const sc_sink* json, const sc_sink* err) {
      return table().render(self(), str(key), str(view), json, err);
    });
  }

  // Nothing = the key is gone.
  std::optional<std::string> save(std::string_view key) {
    return written(
        [&](const sc_sink* bytes, const sc_sink* err) { return table().save(self(), str(key), bytes, err); });
  }

  Outcome load(std::string_view version, std::string_view key, std::string_view bytes) {
    Collected err;
    const sc_status status = table().load(self(), str(version), str(key), str(bytes), err.abi());
    return {status, err.text};
  }

 private:
  Reported apply(std::vector<OwnedEvent> events, bool may_hold) {
    const EventArray array(std::move(events), count_, true);
    ChangeRecorder recorder(array.data(), may_hold);
    Collected err;
    const sc_status status = table().apply(self(), array.data(), array.size(), recorder.abi(), err.abi());
    return {{status, err.text}, std::move(recorder.changes)};
  }

  template <class Call>
  static std::optional<std::string> written(Call&& call) {
    Collected out, err;
    const sc_status status = call(out.abi(), err.abi());
    if (status == SC_UNKNOWN) return std::nullopt;
    if (status != SC_OK) throw Failure(status, err.text);
    return std::move(out.text);
  }

  std::uint64_t count_ = 0;
};

}  // namespace statecast::testkit
