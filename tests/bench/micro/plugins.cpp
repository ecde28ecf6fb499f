#include "tests/bench/micro/plugins.hpp"

#include <cstdio>
#include <cstdlib>
#include <statecast/detail/state_table.hpp>

#include "host/loading/catalog.hpp"

namespace statecast::bench {

namespace {

class EmptyState final : public State {
 public:
  explicit EmptyState(const Instance&) {}
  void apply(const Event&, const Changes&) override {}
  Admission admit(const Client&, std::string_view) override { return Admission::as(""); }
  void list(std::string_view, std::string_view, std::size_t, const Keys&) override {}
  bool render(std::string_view, std::string_view, const Sink&) override { return false; }
  void load(std::string_view, std::string_view, std::string_view) override {}
  bool save(std::string_view, const Sink&) override { return false; }
};

const host::Plugin& shipped(std::uint32_t kind, std::string_view type) {
  static const auto catalog = [] {
    const char* folder = std::getenv("STATECAST_PLUGINS");
    expect(folder != nullptr, "STATECAST_PLUGINS must name the folder of the plugins");
    return host::PluginCatalog::load({folder});
  }();
  const host::Plugin* found = catalog.find(kind, type);
  expect(found != nullptr, "there is no such plugin in STATECAST_PLUGINS: " + std::string(type));
  return *found;
}

template <class Instance>
std::unique_ptr<Instance> make(const host::Plugin& plugin, std::string_view id) {
  host::InstanceOptions options;
  options.id = id;
  auto made = Instance::create(plugin, options);
  expect(static_cast<bool>(made), "could not be made: " + std::string(id));
  return std::move(*made);
}

}  // namespace

void expect(bool right, std::string_view what) {
  if (right) return;
  std::fprintf(stderr, "micro: %.*s\n", static_cast<int>(what.size()), what.data());
  std::_Exit(1);
}

std::unique_ptr<host::StateInstance> make_state(std::string_view type) {
  return make<host::StateInstance>(shipped(SC_KIND_STATE, type), type);
}

std::unique_ptr<host::TransportInstance> make_transport(std::string_view type) {
  return make<host::TransportInstance>(shipped(SC_KIND_TRANSPORT, type), type);
}

std::unique_ptr<host::StateInstance> make_empty_state() {
  static const host::Plugin plugin = [] {
    host::Plugin out;
    out.kind = SC_KIND_STATE;
    out.id = "empty";
    out.functions = &detail::kStateTable<EmptyState>;
    return out;
  }();
  return make<host::StateInstance>(plugin, "empty");
}

Reports::Reports() {
  table_.size = sizeof table_;
  table_.ctx = this;
  table_.updated = [](void* ctx, std::size_t, sc_str, const sc_str*, std::size_t) { ++static_cast<Reports*>(ctx)->updated_; };
  table_.appended = [](void*, std::size_t, sc_str, const sc_str*, std::size_t, sc_str, sc_str) {};
  table_.removed = [](void*, std::size_t, sc_str, const sc_str*, std::size_t) {};
  table_.ended = [](void*, std::size_t, sc_str) {};
  table_.touched = [](void*, std::size_t, sc_str) {};
  table_.rejected = [](void*, std::size_t, sc_str why) { expect(false, "an event was rejected: " + std::string(view(why))); };
  table_.failed = table_.rejected;
}

}  // namespace statecast::bench
