// One instance of a plugin, made and destroyed through its C table; and the small things that every kit uses.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "fake_host.hpp"

namespace statecast::testkit {

// What a call came to: its status, and the text of its error sink (or, where said so, of its result).
struct Outcome {
  sc_status status = SC_OK;
  std::string text;
  bool ok() const { return status == SC_OK; }
  bool operator==(const Outcome&) const = default;
};

// A sink that joins the pieces.
class Collected {
 public:
  Collected() = default;
  Collected(const Collected&) = delete;
  Collected& operator=(const Collected&) = delete;

  std::string text;
  const sc_sink* abi() const { return &abi_; }

 private:
  static void on_write(void* ctx, const void* p, std::size_t n) {
    if (n > 0) static_cast<Collected*>(ctx)->text.append(static_cast<const char*>(p), n);
  }

  const sc_sink abi_ = {sizeof(sc_sink), this, on_write};
};

// Which of how many partitions an instance is.
struct Lane {
  std::uint32_t index = 0, count = 1;
};

// Table is sc_state, sc_transport or sc_source.
template <class Table>
class PluginInstance {
 public:
  PluginInstance(const Table& table, std::string_view settings, Lane lane = {})
      : table_(table), host_(std::make_unique<FakeHost>()) {
    const sc_instance told = {sizeof(sc_instance), str("test"), str(settings), lane.index, lane.count};
    Collected err;
    const sc_status status = table.create(host_->abi(), &told, &self_, err.abi());
    creation_ = {status, err.text};
  }
  ~PluginInstance() {
    if (self_ != nullptr) table_.destroy(self_);
  }
  PluginInstance(const PluginInstance&) = delete;
  PluginInstance& operator=(const PluginInstance&) = delete;

  // What create came to. Anything but OK leaves a kit on which nothing else may be called.
  const Outcome& creation() const { return creation_; }

  const Table& table() const { return table_; }
  FakeHost& host() { return *host_; }
  void* self() const {
    if (self_ == nullptr) throw std::logic_error("the plugin was not created: " + creation_.text);
    return self_;
  }

 private:
  const Table& table_;
  std::unique_ptr<FakeHost> host_;
  void* self_ = nullptr;
  Outcome creation_;
};

}  // namespace statecast::testkit
