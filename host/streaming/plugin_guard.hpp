// The one door through which plugin code is called: whatever goes wrong behind it becomes a status with text, counted and
// logged under the instance's name.
//
// One guard an instance. Calls come on the instance's threads; the counters can be read from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "plugin-api/include/statecast/types.hpp"

namespace statecast::host {

// An sc_sink that collects into a string.
class StringSink {
 public:
  StringSink() : sink_{sizeof(sc_sink), this, &StringSink::append} {}
  StringSink(const StringSink&) = delete;
  StringSink& operator=(const StringSink&) = delete;

  const sc_sink* get() const { return &sink_; }
  std::string& text() { return text_; }
  const std::string& text() const { return text_; }
  void clear() { text_.clear(); }

 private:
  static void append(void* self, const void* p, std::size_t n) {
    static_cast<StringSink*>(self)->text_.append(static_cast<const char*>(p), n);
  }
  sc_sink sink_;
  std::string text_;
};

class PluginGuard {
 public:
  explicit PluginGuard(std::string instance) : instance_(std::move(instance)) {}

  // Runs `call(err)`, a plugin function with its error sink. A status that the ABI does not know counts as failed.
  template <class Call>
  sc_status operator()(const char* function, Call&& call) {
    error_.clear();
    sc_status status = SC_FAILED;
    try {
      status = call(error_.get());
    } catch (const std::exception& thrown) {
      error_.text() = std::string("an exception crossed the plugin boundary: ") + thrown.what();
    } catch (...) {
      error_.text() = "something that is no std::exception crossed the plugin boundary";
    }
    if (status < SC_OK || status >= SC_FAILED) {
      status = SC_FAILED;
      on_failure(function, error_.text());
    }
    return status;
  }

  const std::string& error() const { return error_.text(); }  // text of the last call
  const std::string& instance() const { return instance_; }
  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

  // Counts and logs a failure that showed itself only in what the call returned.
  void on_failure(const char* function, std::string_view text);

 private:
  std::string instance_;
  StringSink error_;
  std::atomic<std::uint64_t> failures_{0};
};

}  // namespace statecast::host
