// What every trampoline shares: an instance in its box, and the guard that turns exceptions into a status.
#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include "../types.hpp"

namespace statecast::detail {

// What the host's `void* self` points at. Kind is State, Transport, Source or Reader.
template <class Kind>
struct Box {
  Host host;
  std::unique_ptr<Kind> plugin;
};

template <class Kind>
Box<Kind>& box(void* self) {
  return *static_cast<Box<Kind>*>(self);
}

template <class Kind>
Kind& plugin(void* self) {
  return *box<Kind>(self).plugin;
}

// Where the text of an exception goes: the call's error sink, or the host's log where the call has none.
inline auto to_sink(const sc_sink* err) {
  return [err](std::string_view text) { err->write(err->ctx, text.data(), text.size()); };
}

inline auto to_log(const Host& host) {
  return [host](std::string_view text) { host.error(text); };
}

// Runs call, which returns a status, and tells the text of what it throws. A Failure keeps its status (OK is no
// failure); any other exception becomes `otherwise`.
template <std::invocable Call, std::invocable<std::string_view> Tell>
sc_status guard(Call&& call, Tell&& tell, sc_status otherwise = SC_FAILED) noexcept {
  try {
    return call();
  } catch (const Failure& failure) {
    tell(failure.what());
    return failure.status() == SC_OK ? SC_FAILED : failure.status();
  } catch (const std::exception& exception) {
    tell(exception.what());
  } catch (...) {
    tell("an exception that is no std::exception");
  }
  return otherwise;
}

// The same for a call whose only result is that it came to its end.
template <std::invocable Call, std::invocable<std::string_view> Tell>
sc_status done(Call&& call, Tell&& tell) noexcept {
  return guard(
      [&] {
        call();
        return SC_OK;
      },
      tell);
}

// A constructor that throws refuses its settings.
template <class Kind, class Plugin>
sc_status create(const sc_host* host, const sc_instance* told, void** self, const sc_sink* err) noexcept {
  return guard(
      [&] {
        const Instance instance{Host(host), view(told->id), view(told->settings), told->lane, told->lanes};
        auto made = std::make_unique<Box<Kind>>(Box<Kind>{instance.host, std::make_unique<Plugin>(instance)});
        *self = made.release();
        return SC_OK;
      },
      to_sink(err), SC_REJECTED);
}

template <class Kind>
void destroy(void* self) noexcept {
  delete static_cast<Box<Kind>*>(self);
}

template <class Kind>
const void* get_extension(void* self, sc_str id) noexcept {
  const void* extension = nullptr;
  done([&] { extension = plugin<Kind>(self).get_extension(view(id)); }, to_log(box<Kind>(self).host));
  return extension;
}

}  // namespace statecast::detail
