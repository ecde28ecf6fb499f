// The export of a plugin library, in C++: included by the one file that names the library's plugins.
//
//   STATECAST_PLUGINS("acme-orders", "1.2.0",
//                     statecast::state<OrderState>("order", "1.2.0", "Orders and their life", kManifest))
//
// Each plugin's class is constructed from `const statecast::Instance&`, once per instance; a constructor that throws
// refuses the instance's settings, and its text is shown to the operator. All strings must live as long as the process,
// as literals do.
#pragma once

#include <array>

#include "detail/source_table.hpp"
#include "detail/state_table.hpp"
#include "detail/transport_table.hpp"

namespace statecast {

namespace detail {

constexpr sc_descriptor descriptor(std::uint32_t kind, std::string_view id, std::string_view version,
                                   std::string_view summary, std::string_view manifest, const void* functions) {
  return {sizeof(sc_descriptor), kind, str(id), str(version), str(summary), str(manifest), functions};
}

template <std::size_t N>
constexpr std::array<const sc_descriptor*, N> pointers_to(const std::array<sc_descriptor, N>& descriptors) {
  std::array<const sc_descriptor*, N> pointers{};
  for (std::size_t i = 0; i < N; ++i) pointers[i] = &descriptors[i];
  return pointers;
}

}  // namespace detail

// The descriptor of one plugin. `id` is what `type:` names in the configuration (a-z 0-9 and '-'), `summary` one line
// for `statecast plugins`, `manifest` the JSON object that abi/entry.h describes.
template <class Plugin>
constexpr sc_descriptor state(std::string_view id, std::string_view version, std::string_view summary,
                              std::string_view manifest) {
  return detail::descriptor(SC_KIND_STATE, id, version, summary, manifest, &detail::kStateTable<Plugin>);
}

template <class Plugin>
constexpr sc_descriptor transport(std::string_view id, std::string_view version, std::string_view summary,
                                  std::string_view manifest) {
  return detail::descriptor(SC_KIND_TRANSPORT, id, version, summary, manifest, &detail::kTransportTable<Plugin>);
}

template <class Plugin>
constexpr sc_descriptor source(std::string_view id, std::string_view version, std::string_view summary,
                               std::string_view manifest) {
  return detail::descriptor(SC_KIND_SOURCE, id, version, summary, manifest, &detail::kSourceTable<Plugin>);
}

}  // namespace statecast

// Defines the library's entry: its package, the package's version, and a descriptor for each plugin.
#define STATECAST_PLUGINS(package_name, package_version, ...)                                                \
  const sc_entry* statecast_entry_v1(void) {                                                                 \
    static const std::array descriptors = {__VA_ARGS__};                                                     \
    static const std::array pointers = ::statecast::detail::pointers_to(descriptors);                        \
    static const sc_entry entry = {                                                                          \
        sizeof(sc_entry), SC_ABI_VERSION, ::statecast::str(package_name), ::statecast::str(package_version), \
        pointers.size(),  pointers.data()};                                                                  \
    return &entry;                                                                                           \
  }                                                                                                          \
  static_assert(true, "a semicolon may follow")
