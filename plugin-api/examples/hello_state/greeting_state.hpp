// Counts the greetings that each name received, and shows the count to everybody.
#pragma once

#include <charconv>
#include <map>
#include <statecast/state.hpp>

// One key a name: topic greetings/<name>, and greetings/all. Made by the host, one instance a lane.
class GreetingState : public statecast::State {
 public:
  explicit GreetingState(const statecast::Instance&) {}

  void apply(const statecast::Event& event, const statecast::Changes& changes) override {
    const std::string name(event.subject);
    if (!is_name(name)) throw statecast::Failure(SC_REJECTED, "subject: must be a name, of a-z and A-Z");
    ++counts_[name];
    changes.updated(name, {"greetings/" + name, "greetings/all"});
  }

  statecast::Admission admit(const statecast::Client&, std::string_view topic) override {
    if (!topic.starts_with("greetings/")) return statecast::Admission::unknown("no such topic");
    return statecast::Admission::as("all");
  }

  void list(std::string_view topic, std::string_view after_key, std::size_t max, const statecast::Keys& keys) override {
    for (auto at = counts_.upper_bound(after_key); at != counts_.end() && max > 0; ++at) {
      if (topic != "greetings/all" && topic != "greetings/" + at->first) continue;
      keys.add(at->first);
      --max;
    }
  }

  bool render(std::string_view key, std::string_view, const statecast::Sink& json) override {
    const auto found = counts_.find(key);
    if (found == counts_.end()) return false;
    json.write(R"({"type":"greeting","name":")" + found->first + R"(","count":)" + std::to_string(found->second) + "}");
    return true;
  }

  void load(std::string_view, std::string_view key, std::string_view bytes) override {
    int count = 0;
    if (std::from_chars(bytes.data(), bytes.data() + bytes.size(), count).ec != std::errc()) {
      throw statecast::Failure(SC_REJECTED, "not a count");
    }
    counts_[std::string(key)] = count;
  }

  bool save(std::string_view key, const statecast::Sink& bytes) override {
    const auto found = counts_.find(key);
    if (found == counts_.end()) return false;
    bytes.write(std::to_string(found->second));
    return true;
  }

 private:
  static bool is_name(std::string_view s) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return !s.empty() && s.find_first_not_of(kLetters) == s.npos;
  }

  std::map<std::string, int, std::less<>> counts_;
};
