// Plugin instances in C++ clothes: each owns the instance, its host services and its guard, and turns the C calls into
// plain functions. Thread roles are those of the functions in plugin-api's abi headers.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/loading/catalog.hpp"
#include "host/result.hpp"
#include "host/streaming/damaged_events.hpp"
#include "host/streaming/host_services.hpp"
#include "host/streaming/plugin_guard.hpp"

namespace statecast::host {

struct InstanceOptions {
  std::string id;
  std::string settings = "{}";
  std::uint32_t lane = 0, lanes = 1;
  const Clock* clock = &system_clock();
  std::function<void()> wake;
};

// What the three kinds share: a table of functions, `self`, the guard.
template <class Table>
class PluginInstance {
 public:
  ~PluginInstance() {
    if (self_ != nullptr) table_.destroy(self_);
  }
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  const std::string& id() const { return guard_.instance(); }
  const Plugin& plugin() const { return plugin_; }
  const HostServices& services() const { return services_; }
  std::uint64_t failures() const { return guard_.failures(); }
  const PluginGuard& guard() const { return guard_; }

 protected:
  PluginInstance(const Plugin& plugin, const Table& table, const InstanceOptions& options)
     
      : plugin_(plugin), table_(table), options_(options), services_(options.id, *options.clock, options.wake), guard_(options.id, *options.clock) {}
  Result<void> make();

  const Plugin& plugin_;
  const Table& table_;
  const InstanceOptions options_;
  HostServices services_;
  PluginGuard guard_;
  void* self_ = nullptr;
};

class StateInstance : public PluginInstance<sc_state> {
 public:
  static Result<std::unique_ptr<StateInstance>> create(const Plugin& plugin, const InstanceOptions& options);

  // Lets go of the instance and makes another with the same settings. An error leaves none, and only remake may follow.
  Result<void> remake();

  sc_status load(std::string_view version, std::string_view key, std::string_view bytes);
  sc_status apply(const std::vector<const sc_event*>& events, const sc_changes& changes);
  sc_status refresh(std::int64_t now_us, const sc_changes& changes);
  // The view into `out`, or the reason.
  sc_status admit(const sc_client& client, std::string_view topic, std::string& out);
  sc_status list(std::string_view topic, std::string_view after_key, std::size_t max, std::vector<std::string>& keys);
  // One JSON object into `json`; what is none counts as a failure of the plugin.
  sc_status render(std::string_view key, std::string_view view, std::string& json);
  // The bytes from which load restores the key; UNKNOWN = the key is gone.
  sc_status save(std::string_view key, std::string& bytes);
  const std::string& error() const { return guard_.error(); }

 private:
  using PluginInstance::PluginInstance;
  StringSink out_;
};

class TransportInstance : public PluginInstance<sc_transport> {
 public:
  static Result<std::unique_ptr<TransportInstance>> create(const Plugin& plugin, const InstanceOptions& options);

  const sc_transport& table() const { return table_; }
  void* self() const { return self_; }

  // The bytes of a message, appended to `out`. Pure; the caller brings its own guard, since any thread may call.
  sc_status encode(PluginGuard& guard, std::uint32_t encoding, const sc_message& message, StringSink& out) const;
  sc_status heartbeat(PluginGuard& guard, std::uint32_t encoding, StringSink& out) const;

 private:
  using PluginInstance::PluginInstance;
};

class SourceInstance : public PluginInstance<sc_source> {
 public:
  static Result<std::unique_ptr<SourceInstance>> create(const Plugin& plugin, const InstanceOptions& options);

  const sc_source& table() const { return table_; }
  void* self() const { return self_; }
  const std::string& epoch() const { return epoch_; }
  std::uint32_t partitions() const { return partitions_; }
  DamagedEvents& damaged() { return damaged_; }
  const DamagedEvents& damaged() const { return damaged_; }
  // Why operators should know of what it holds; empty when all is well. [any]
  std::string damage() const;
  std::uint16_t number = 0;  // among the host's sources; set once by the owner

 private:
  using PluginInstance::PluginInstance;
  Result<void> read_epoch();

  std::string epoch_;
  std::uint32_t partitions_ = 1;
  DamagedEvents damaged_{id()};
};

// One reader of a source, closed with this object. [source]
class SourceReader {
 public:
  explicit SourceReader(SourceInstance& source) : source_(source), guard_(source.id()) {}
  ~SourceReader() { close(); }
  SourceReader(const SourceReader&) = delete;
  SourceReader& operator=(const SourceReader&) = delete;

  // Opens after these positions, one for each partition; replaces a reader that was open.
  sc_status open(const std::vector<Position>& after);
  // The taker gets what the poll yields: add(const sc_event&), and pass(const sc_pos&) for a place up to which events are
  // damaged, which is noted with the source.
  template <class Taker>
  sc_status poll(std::size_t max, std::int64_t deadline_ns, Taker& taker) {
    struct Context {
      SourceReader& reader;
      Taker& taker;
    } context{*this, taker};
    const sc_batch batch{sizeof(sc_batch), &context,
                         [](void* ctx, const sc_event* event) { static_cast<Context*>(ctx)->taker.add(*event); },
                         [](void* ctx, const sc_pos* first, const sc_pos* last, std::uint64_t events, sc_str why) {
                           auto& to = *static_cast<Context*>(ctx);
                           if (to.reader.on_damaged(*first, *last, events, view(why))) to.taker.pass(*last);
                         }};
    return poll_into(max, deadline_ns, batch);
  }
  void interrupt();  // [any]
  void close();
  const std::string& error() const { return guard_.error(); }
  const PluginGuard& guard() const { return guard_; }

 private:
  sc_status poll_into(std::size_t max, std::int64_t deadline_ns, const sc_batch& batch);
  bool on_damaged(const sc_pos& first, const sc_pos& last, std::uint64_t events, std::string_view why);

  SourceInstance& source_;
  PluginGuard guard_;
  std::mutex mutex_;  // opening and closing against interrupt from elsewhere; poll runs without it
  void* reader_ = nullptr;
};

}  // namespace statecast::host
