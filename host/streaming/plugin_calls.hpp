// Names the functions of the plugin ABI by number, and keeps what is counted of the calls to one of them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "host/ops/histogram.hpp"

namespace statecast::host {

inline constexpr std::array<const char*, 24> kPluginFunctions{
    "create", "load",  "apply",       "refresh", "admit",     "list",         "render",    "save",
    "open",   "head",  "decode",      "answer",  "encode",    "envelope",     "heartbeat", "close",
    "epoch",  "range", "reader_open", "poll",    "interrupt", "reader_close", "ack",       "append"};

// A function of the ABI, from its name: guard("apply", ...). Looked up while compiling; another name does not compile.
class PluginFunction {
 public:
  consteval PluginFunction(const char* name) : number_(number_of(name)) {}  // NOLINT: meant to convert

  std::size_t number() const { return number_; }
  const char* name() const { return kPluginFunctions[number_]; }

 private:
  static consteval std::size_t number_of(std::string_view name) {
    for (std::size_t i = 0; i < kPluginFunctions.size(); ++i)
      if (name == kPluginFunctions[i]) return i;
    throw "not a name in kPluginFunctions";
  }
  std::size_t number_;
};

// Written by the thread that calls, read by any.
struct PluginCalls {
  Histogram times;
  Counter failures;
};

}  // namespace statecast::host
