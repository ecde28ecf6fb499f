// A State that keeps the last data of each subject, for test plugins to derive from and misbehave in one thing.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <statecast/plugin.hpp>
#include <string>

namespace test_plugins {

// Offers <prefix>/<subject> to everybody under the view "all"; consumes BadEvent.
class LastValueState : public statecast::State {
 public:
  explicit LastValueState(std::string prefix) : prefix_(std::move(prefix)) {}

  void apply(const statecast::Event& event, const statecast::Changes& changes) override {
    values_[std::string(event.subject)] = event.data;
    changes.updated(event.subject, {prefix_ + "/" + std::string(event.subject)});
  }

  statecast::Admission admit(const statecast::Client&, std::string_view topic) override {
    if (!topic.starts_with(prefix_ + "/")) return statecast::Admission::unknown("no such topic");
    return statecast::Admission::as("all");
  }

  void list(std::string_view topic, std::string_view after_key, std::size_t max, const statecast::Keys& keys) override {
    if (!topic.starts_with(prefix_ + "/")) return;
    const std::string key(topic.substr(prefix_.size() + 1));
    if (max > 0 && key > after_key && values_.contains(key)) keys.add(key);
  }

  bool render(std::string_view key, std::string_view, const statecast::Sink& json) override {
    const auto found = values_.find(std::string(key));
    if (found == values_.end()) return false;
    json.write(R"({"type":"bad_update","id":)" + nlohmann::json(found->first).dump() + R"(,"data":)" + found->second +
               "}");
    return true;
  }

  void load(std::string_view, std::string_view key, std::string_view bytes) override {
    values_[std::string(key)] = bytes;
  }

  bool save(std::string_view key, const statecast::Sink& bytes) override {
    const auto found = values_.find(std::string(key));
    if (found == values_.end()) return false;
    bytes.write(found->second);
    return true;
  }

 private:
  std::string prefix_;
  std::map<std::string, std::string> values_;
};

}  // namespace test_plugins

// The manifest of a LastValueState.
#define TEST_MANIFEST(prefix)                                        \
  R"({"consumes":[{"type":"BadEvent","key":"/subject"}],"topics":[)" \
  R"({"prefix":")" prefix R"(","kind":"updated"}]})"
