// Drives a Transport through its C table.
#pragma once

#include "../detail/transport_table.hpp"
#include "commands.hpp"
#include "instance.hpp"
#include "request_context.hpp"

namespace statecast::testkit {

template <class Plugin>
const sc_transport& transport_table() {
  return detail::kTransportTable<Plugin>;
}

// What one decode came to.
struct Decoded {
  Outcome outcome;
  std::vector<Command> commands;
  std::string reply;
};

// One session of a TransportKit, which outlives it. A session left open is closed as gone.
class SessionKit {
 public:
  SessionKit(const sc_transport& table, void* self, const RequestContext& request) : table_(table), self_(self) {
    const sc_client client = request.abi();
    CommandRecorder recorder;
    Collected err;
    const sc_status status = table_.open(self_, &client, &session_, &encoding_, recorder.abi(), err.abi());
    opened_ = {status, err.text};
    commands_ = std::move(recorder.commands);
    open_ = opened_.ok();
  }
  ~SessionKit() {
    if (open_) close(SC_CLOSE_GONE);
  }
  SessionKit(const SessionKit&) = delete;
  SessionKit& operator=(const SessionKit&) = delete;

  const Outcome& opened() const { return opened_; }
  const std::vector<Command>& commands() const { return commands_; }  // of open
  std::uint32_t encoding() const { return encoding_; }
  bool at_rest() const { return session_ == nullptr; }  // holds no memory of the transport's

  std::string head() {
    return written([&](const sc_sink* out) { return table_.head(self_, &session_, out); });
  }

  Decoded decode(std::string_view in) {
    CommandRecorder recorder;
    Collected reply, err;
    const sc_status status = table_.decode(self_, &session_, str(in), recorder.abi(), reply.abi(), err.abi());
    return {{status, err.text}, std::move(recorder.commands), std::move(reply.text)};
  }

  std::string answer(std::uint64_t ref, sc_status status, std::string_view json) {
    return written([&](const sc_sink* out) { return table_.answer(self_, &session_, ref, status, str(json), out); });
  }

  // Returns the last bytes. Once.
  std::string close(std::uint32_t reason, std::string_view text = {}, std::uint32_t retry_ms = 0) {
    Collected last;
    open_ = false;
    table_.close(self_, &session_, reason, str(text), retry_ms, last.abi());
    return std::move(last.text);
  }

 private:
  template <class Call>
  static std::string written(Call&& call) {
    Collected out;
    if (const sc_status status = call(out.abi()); status != SC_OK) throw Failure(status, "see the fake host's log");
    return std::move(out.text);
  }

  const sc_transport& table_;
  void* self_;
  void* session_ = nullptr;
  std::uint32_t encoding_ = 0;
  Outcome opened_;
  std::vector<Command> commands_;
  bool open_ = false;
};

class TransportKit : public PluginInstance<sc_transport> {
 public:
  using PluginInstance::PluginInstance;

  SessionKit open(const RequestContext& request) { return SessionKit(table(), self(), request); }

  // Pure, as in the host: any thread.
  std::string encode(std::uint32_t encoding, const Message& message) const {
    const sc_message abi = {sizeof(sc_message), message.kind, str(message.json), str(message.cursor),
                            str(message.topic)};
    Collected out, err;
    const sc_status status = table().encode(self(), encoding, &abi, out.abi(), err.abi());
    if (status != SC_OK) throw Failure(status, err.text);
    return std::move(out.text);
  }

  std::string heartbeat(std::uint32_t encoding) const {
    Collected out;
    const sc_status status = table().heartbeat(self(), encoding, out.abi());
    if (status != SC_OK) throw Failure(status, "see the fake host's log");
    return std::move(out.text);
  }
};

}  // namespace statecast::testkit
