// The C table of a State. Each function is a noexcept trampoline into the virtual function of the same name.
#pragma once

#include "../state.hpp"
#include "events.hpp"
#include "guard.hpp"

namespace statecast::detail {

struct StateCalls {
  static State& state(void* self) { return plugin<State>(self); }

  static sc_status load(void* self, sc_str version, sc_str key, sc_str bytes, const sc_sink* err) noexcept {
    return done([&] { state(self).load(view(version), view(key), view(bytes)); }, to_sink(err));
  }

  // What one event throws is that event's own matter; the others of the batch are still folded.
  static sc_status apply(void* self, const sc_event* const* events, std::size_t n, const sc_changes* changes,
                         const sc_sink*) noexcept {
    for (std::size_t i = 0; i < n; ++i) {
      const Changes reports(changes, i);
      std::string why;
      const sc_status status = done([&] { state(self).apply(from_abi(*events[i]), reports); }, [&](std::string_view text) { why = text; });
      if (status == SC_REJECTED) reports.rejected(why);
      else if (status != SC_OK) reports.failed(why);
    }
    return SC_OK;
  }

  static sc_status refresh(void* self, std::int64_t now_us, const sc_changes* changes, const sc_sink* err) noexcept {
    return done([&] { state(self).refresh(now_us, Changes(changes, SC_NO_EVENT)); }, to_sink(err));
  }

  static sc_status admit(void* self, const sc_client* client, sc_str topic, const sc_sink* view_out,
                         const sc_sink* err) noexcept {
    return guard(
        [&] {
          const Admission verdict = state(self).admit(Client(client), view(topic));
          Sink(verdict.status == SC_OK ? view_out : err).write(verdict.text);
          return verdict.status;
        },
        to_sink(err));
  }

  static sc_status list(void* self, sc_str topic, sc_str after_key, std::size_t max, const sc_keys* keys,
                        const sc_sink* err) noexcept {
    return done([&] { state(self).list(view(topic), view(after_key), max, Keys(keys)); }, to_sink(err));
  }

  static sc_status render(void* self, sc_str key, sc_str view_name, const sc_sink* json, const sc_sink* err) noexcept {
    return guard([&] { return state(self).render(view(key), view(view_name), Sink(json)) ? SC_OK : SC_UNKNOWN; },
                 to_sink(err));
  }

  static sc_status save(void* self, sc_str key, const sc_sink* bytes, const sc_sink* err) noexcept {
    return guard([&] { return state(self).save(view(key), Sink(bytes)) ? SC_OK : SC_UNKNOWN; }, to_sink(err));
  }
};

template <std::derived_from<State> Plugin>
inline constexpr sc_state kStateTable = {.size = sizeof(sc_state),
                                         .create = create<State, Plugin>,
                                         .destroy = destroy<State>,
                                         .load = StateCalls::load,
                                         .apply = StateCalls::apply,
                                         .refresh = StateCalls::refresh,
                                         .admit = StateCalls::admit,
                                         .list = StateCalls::list,
                                         .render = StateCalls::render,
                                         .save = StateCalls::save,
                                         .get_extension = get_extension<State>};

}  // namespace statecast::detail
