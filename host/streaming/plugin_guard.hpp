// The one door through which plugin code is called: whatever goes wrong behind it becomes a status with text, counted and
// logged under the instance's name. Each call is timed.
//
// One guard for each instance and calling thread. The counters can be read from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "host/streaming/host_fault.hpp"
#include "host/streaming/host_services.hpp"
#include "host/streaming/plugin_calls.hpp"
#include "plugin-api/include/statecast/types.hpp"

namespace statecast::host {

// An sc_sink that collects into a string.
class StringSink {
 public:
  StringSink() : sink_{sizeof(sc_sink), this, &StringSink::append} {}
  StringSink(const StringSink&) = delete;
  StringSink& operator=(const StringSink&) = delete;

  const sc_sink* get() const { return &sink_; }
  // Throws when the host could not take all that was written.
  std::string& text() {
    fault_.rethrow();
    return text_;
  }
  // What it could take.
  const std::string& so_far() const { return text_; }
  void clear() { assign({}); }
  void assign(std::string text) {
    fault_.forget();
    text_ = std::move(text);
  }

 private:
  static void append(void* self, const void* p, std::size_t n) {
    StringSink& sink = *static_cast<StringSink*>(self);
    sink.fault_.keep([&] { sink.text_.append(static_cast<const char*>(p), n); });
  }
  sc_sink sink_;
  std::string text_;
  HostFault fault_;
};

class PluginGuard {
 public:
  explicit PluginGuard(std::string instance, const Clock& clock = system_clock())
      : instance_(std::move(instance)), clock_(clock) {}

  // Runs `call(err)`, a plugin function with its error sink. A status that the ABI does not know counts as failed.
  template <class Call>
  sc_status operator()(PluginFunction function, Call&& call) {
    error_.clear();
    const std::int64_t began_ns = clock_.mono_ns();
    under_way_.store(function.name(), std::memory_order_relaxed);
    sc_status status = SC_FAILED;
    try {
      status = call(error_.get());
    } catch (const std::exception& thrown) {
      error_.assign(std::string("an exception crossed the plugin boundary: ") + thrown.what());
    } catch (...) {
      error_.assign("something that is no std::exception crossed the plugin boundary");
    }
    under_way_.store(nullptr, std::memory_order_relaxed);
    calls_[function.number()].times.observe(clock_.mono_ns() - began_ns);
    if (status < SC_OK || status >= SC_FAILED) {
      status = SC_FAILED;
      on_failure(function, error_.so_far());
    }
    return status;
  }

  const std::string& error() const { return error_.so_far(); }  // text of the last call
  const std::string& instance() const { return instance_; }
  // By number of the function (kPluginFunctions).
  const std::array<PluginCalls, kPluginFunctions.size()>& calls() const { return calls_; }
  std::uint64_t failures() const;  // of all functions
  // The function that has not returned yet; null = none. [any]
  const char* under_way() const { return under_way_.load(std::memory_order_relaxed); }

  // Counts and logs a failure that showed itself only in what the call returned.
  void on_failure(PluginFunction function, std::string_view text);

 private:
  std::string instance_;
  const Clock& clock_;
  StringSink error_;
  std::atomic<const char*> under_way_{nullptr};
  std::array<PluginCalls, kPluginFunctions.size()> calls_;
};

}  // namespace statecast::host
