// What a session asked of the host, in order.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "../types.hpp"

namespace statecast::testkit {

struct Command {
  std::string what;       // the name of the function in sc_commands: "subscribe", "publish", ...
  std::uint64_t ref = 0;  // of a close, its code
  std::string text;       // the topic, event, token or reason
  std::string cursor;     // of a subscribe
  bool operator==(const Command&) const = default;
};

// One line: "subscribe 1 orders/o-1 after c0ffee".
inline std::ostream& operator<<(std::ostream& out, const Command& c) {
  out << c.what << ' ' << c.ref << ' ' << c.text;
  if (!c.cursor.empty()) out << " after " << c.cursor;
  return out;
}

// The sc_commands of one call.
class CommandRecorder {
 public:
  CommandRecorder() = default;
  CommandRecorder(const CommandRecorder&) = delete;
  CommandRecorder& operator=(const CommandRecorder&) = delete;

  std::vector<Command> commands;
  const sc_commands* abi() const { return &abi_; }

 private:
  static void add(void* ctx, const char* what, std::uint64_t ref, sc_str text, sc_str cursor = {}) {
    static_cast<CommandRecorder*>(ctx)->commands.push_back(
        {what, ref, std::string(view(text)), std::string(view(cursor))});
  }

  static void on_subscribe(void* ctx, std::uint64_t ref, sc_str topic, sc_str cursor) {
    add(ctx, "subscribe", ref, topic, cursor);
  }
  static void on_unsubscribe(void* ctx, std::uint64_t ref, sc_str topic) { add(ctx, "unsubscribe", ref, topic); }
  static void on_publish(void* ctx, std::uint64_t ref, sc_str event) { add(ctx, "publish", ref, event); }
  static void on_renew(void* ctx, std::uint64_t ref, sc_str token) { add(ctx, "renew", ref, token); }
  static void on_pong(void* ctx) { add(ctx, "pong", 0, {}); }
  static void on_close(void* ctx, std::uint32_t code, sc_str reason) { add(ctx, "close", code, reason); }

  const sc_commands abi_ = {sizeof(sc_commands), this,     on_subscribe, on_unsubscribe,
                            on_publish,          on_renew, on_pong,      on_close};
};

}  // namespace statecast::testkit
