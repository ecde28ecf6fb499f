// The C table of a Transport. Each function is a noexcept trampoline into the virtual function of the same name.
#pragma once

#include "../transport.hpp"
#include "guard.hpp"

namespace statecast::detail {

struct TransportCalls {
  static Transport& transport(void* self) { return plugin<Transport>(self); }
  static auto log(void* self) { return to_log(box<Transport>(self).host); }
  static Session* at(void** session) { return static_cast<Session*>(*session); }

  // Calls for a session that has its memory, and frees that when it is at rest afterwards.
  template <std::invocable<Session*> Call>
  static void awake(void* self, void** session, Call&& call) {
    if (*session == nullptr) *session = transport(self).awaken().release();
    call(at(session));
    if (*session == nullptr || !at(session)->at_rest()) return;
    delete at(session);
    *session = nullptr;
  }

  static sc_status open(void* self, const sc_client* client, void** session, std::uint32_t* encoding,
                        const sc_commands* commands, const sc_sink* err) noexcept {
    return done(
        [&] {
          Transport::Opened opened = transport(self).open(Client(client), Commands(commands));
          *encoding = opened.encoding;
          *session = opened.session.release();
        },
        to_sink(err));
  }

  static sc_status head(void* self, void** session, const sc_sink* out) noexcept {
    return done([&] { awake(self, session, [&](Session* s) { transport(self).head(s, Sink(out)); }); }, log(self));
  }

  static sc_status decode(void* self, void** session, sc_str in, const sc_commands* commands, const sc_sink* reply,
                          const sc_sink* err) noexcept {
    return done(
        [&] { awake(self, session, [&](Session* s) { transport(self).decode(s, view(in), Commands(commands), Sink(reply)); }); },
        to_sink(err));
  }

  static sc_status answer(void* self, void** session, std::uint64_t ref, sc_status status, sc_str json,
                          const sc_sink* out) noexcept {
    return done(
        [&] { awake(self, session, [&](Session* s) { transport(self).answer(s, ref, status, view(json), Sink(out)); }); },
        log(self));
  }

  static sc_status encode(void* self, std::uint32_t encoding, const sc_message* message, const sc_sink* out,
                          const sc_sink* err) noexcept {
    return done(
        [&] {
          const Message m{message->kind, view(message->json), view(message->cursor), view(message->topic)};
          transport(self).encode(encoding, m, Sink(out));
        },
        to_sink(err));
  }

  static sc_status heartbeat(void* self, std::uint32_t encoding, const sc_sink* out) noexcept {
    return done([&] { transport(self).heartbeat(encoding, Sink(out)); }, log(self));
  }

  static void close(void* self, void** session, std::uint32_t reason, sc_str text, std::uint32_t retry_ms,
                    const sc_sink* last_bytes) noexcept {
    std::unique_ptr<Session> owned(at(session));
    *session = nullptr;
    done(
        [&] {
          if (!owned) owned = transport(self).awaken();
          transport(self).close(owned.get(), reason, view(text), retry_ms, Sink(last_bytes));
        },
        log(self));
  }
};

template <std::derived_from<Transport> Plugin>
inline constexpr sc_transport kTransportTable = {.size = sizeof(sc_transport),
                                                 .create = create<Transport, Plugin>,
                                                 .destroy = destroy<Transport>,
                                                 .open = TransportCalls::open,
                                                 .head = TransportCalls::head,
                                                 .decode = TransportCalls::decode,
                                                 .answer = TransportCalls::answer,
                                                 .encode = TransportCalls::encode,
                                                 .envelope = nullptr,
                                                 .heartbeat = TransportCalls::heartbeat,
                                                 .close = TransportCalls::close,
                                                 .get_extension = get_extension<Transport>};

}  // namespace statecast::detail
