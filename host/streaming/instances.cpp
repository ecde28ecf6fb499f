#include "host/streaming/instances.hpp"

#include <algorithm>

#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

sc_instance instance_of(const InstanceOptions& options) {
  return {sizeof(sc_instance), str(options.id), str(options.settings), options.lane, options.lanes};
}

}  // namespace

template <class Table>
Result<void> PluginInstance<Table>::make() {
  const sc_instance instance = instance_of(options_);
  void* self = nullptr;
  const sc_status status = guard_("create", [&](const sc_sink* err) {
    return table_.create(services_.table(), &instance, &self, err);
  });
  const std::string what = std::string(kind_name(plugin_.kind)) + " '" + options_.id + "' (plugin " + plugin_.id + " " +
                           plugin_.version + "): ";
  if (status != SC_OK)
    return Error{what + (guard_.error().empty() ? "could not be created, and gave no reason" : guard_.error()),
                 "correct its settings, or set 'enabled: false'"};
  if (self == nullptr) return Error{what + "create returned OK but no instance", "report this to the plugin's author"};
  self_ = self;
  return {};
}

Result<std::unique_ptr<StateInstance>> StateInstance::create(const Plugin& plugin, const InstanceOptions& options) {
  std::unique_ptr<StateInstance> state(new StateInstance(plugin, plugin.state(), options));
  if (auto created = state->make(); !created) return created.error();
  return state;
}

Result<void> StateInstance::remake() {
  if (self_ != nullptr) table_.destroy(std::exchange(self_, nullptr));
  services_.reset_gauges();
  return make();
}

sc_status StateInstance::load(std::string_view version, std::string_view key, std::string_view bytes) {
  return guard_("load", [&](const sc_sink* err) { return table_.load(self_, str(version), str(key), str(bytes), err); });
}

sc_status StateInstance::apply(const std::vector<const sc_event*>& events, const sc_changes& changes) {
  return guard_("apply", [&](const sc_sink* err) {
    return table_.apply(self_, events.data(), events.size(), &changes, err);
  });
}

sc_status StateInstance::refresh(std::int64_t now_us, const sc_changes& changes) {
  return guard_("refresh", [&](const sc_sink* err) { return table_.refresh(self_, now_us, &changes, err); });
}

sc_status StateInstance::admit(const sc_client& client, std::string_view topic, std::string& out) {
  out_.clear();
  const sc_status status = guard_("admit", [&](const sc_sink* err) {
    return table_.admit(self_, &client, str(topic), out_.get(), err);
  });
  out = status == SC_OK ? out_.text() : guard_.error();
  return status;
}

sc_status StateInstance::list(std::string_view topic, std::string_view after_key, std::size_t max,
                              std::vector<std::string>& keys) {
  keys.clear();
  struct Taken {
    std::vector<std::string>& keys;
    HostFault fault;
  } taken{keys, {}};
  sc_keys sink{sizeof(sc_keys), &taken, [](void* ctx, sc_str key) {
                 auto& [into, fault] = *static_cast<Taken*>(ctx);
                 fault.keep([&into = into, key] { into.emplace_back(view(key)); });
               }};
  sc_status status =
      guard_("list", [&](const sc_sink* err) { return table_.list(self_, str(topic), str(after_key), max, &sink, err); });
  taken.fault.rethrow();
  // A page that does not go forward would be asked for without end.
  const bool forward = std::ranges::is_sorted(keys, std::ranges::less_equal{}) && (keys.empty() || keys.front() > after_key) &&
                       keys.size() <= max;
  if (status == SC_OK && !forward) {
    guard_.on_failure("list", "keys of '" + std::string(topic) + "' are not in ascending order, or too many");
    status = SC_FAILED;
  }
  if (status != SC_OK) keys.clear();
  return status;
}

sc_status StateInstance::render(std::string_view key, std::string_view view, std::string& json) {
  out_.clear();
  sc_status status = guard_("render", [&](const sc_sink* err) {
    return table_.render(self_, str(key), str(view), out_.get(), err);
  });
  if (status == SC_OK && !is_json_object(out_.text())) {
    guard_.on_failure("render", "key '" + std::string(key) + "', view '" + std::string(view) + "' is not a JSON object: " +
                                    excerpt(out_.text()));
    status = SC_FAILED;
  }
  if (status == SC_OK) json = out_.text();
  return status;
}

sc_status StateInstance::save(std::string_view key, std::string& bytes) {
  out_.clear();
  const sc_status status = guard_("save", [&](const sc_sink* err) { return table_.save(self_, str(key), out_.get(), err); });
  if (status == SC_OK) bytes = out_.text();
  return status;
}

Result<std::unique_ptr<TransportInstance>> TransportInstance::create(const Plugin& plugin, const InstanceOptions& options) {
  std::unique_ptr<TransportInstance> transport(new TransportInstance(plugin, plugin.transport(), options));
  if (auto created = transport->make(); !created) return created.error();
  return transport;
}

sc_status TransportInstance::encode(PluginGuard& guard, std::uint32_t encoding, const sc_message& message,
                                    StringSink& out) const {
  return guard("encode", [&](const sc_sink* err) { return table_.encode(self_, encoding, &message, out.get(), err); });
}

sc_status TransportInstance::heartbeat(PluginGuard& guard, std::uint32_t encoding, StringSink& out) const {
  return guard("heartbeat", [&](const sc_sink*) { return table_.heartbeat(self_, encoding, out.get()); });
}

Result<std::unique_ptr<SourceInstance>> SourceInstance::create(const Plugin& plugin, const InstanceOptions& options) {
  std::unique_ptr<SourceInstance> source(new SourceInstance(plugin, plugin.source(), options));
  if (auto created = source->make(); !created) return created.error();
  if (auto read = source->read_epoch(); !read) return read.error();
  return source;
}

Result<void> SourceInstance::read_epoch() {
  StringSink out;
  const sc_status status =
      guard_("epoch", [&](const sc_sink*) { return table_.epoch(self_, out.get(), &partitions_); });
  epoch_ = out.text();
  const bool legal = !epoch_.empty() && epoch_.size() <= 32 && std::ranges::all_of(epoch_, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
  if (status == SC_OK && partitions_ == 0)
    return Error{"source '" + id() + "': it has no partitions", "report this to the plugin's author"};
  if (status != SC_OK || !legal)
    return Error{"source '" + id() + "': its epoch '" + excerpt(epoch_) + "' is not 1 to 32 characters of a-z and 0-9",
                 "report this to the plugin's author"};
  return {};
}

std::string SourceInstance::damage() const {
  std::vector<Position> oldest(partitions_);
  for (std::uint32_t i = 0; i < partitions_; ++i) {
    Position newest{};
    table_.range(self_, i, &oldest[i], &newest);
  }
  return damaged_.sentence(oldest);
}

sc_status SourceReader::open(const std::vector<Position>& after) {
  close();
  void* opened = nullptr;
  const sc_status status = guard_("reader_open", [&](const sc_sink* err) {
    return source_.table().reader_open(source_.self(), after.data(), after.size(), &opened, err);
  });
  std::lock_guard lock(mutex_);
  reader_ = status == SC_OK ? opened : nullptr;
  return status;
}

sc_status SourceReader::poll_into(std::size_t max, std::int64_t deadline_ns, const sc_batch& batch) {
  return guard_("poll", [&](const sc_sink* err) { return source_.table().poll(reader_, max, deadline_ns, &batch, err); });
}

// False for places that the source cannot have.
bool SourceReader::on_damaged(const sc_pos& first, const sc_pos& last, std::uint64_t events, std::string_view why) {
  if (last.partition >= source_.partitions() || first.partition != last.partition || last < first) return false;
  source_.damaged().note(first, last, events, why);
  return true;
}

void SourceReader::interrupt() {
  std::lock_guard lock(mutex_);
  if (reader_ != nullptr) source_.table().interrupt(reader_);
}

void SourceReader::close() {
  std::lock_guard lock(mutex_);
  if (reader_ != nullptr) source_.table().reader_close(std::exchange(reader_, nullptr));
}

template class PluginInstance<sc_state>;
template class PluginInstance<sc_transport>;
template class PluginInstance<sc_source>;

}  // namespace statecast::host
