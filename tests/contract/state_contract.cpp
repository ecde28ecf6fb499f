#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>
#include <statecast/testkit/state_kit.hpp>

#include "tests/contract/contract.hpp"

namespace statecast::contract {
namespace {

using host::Plugin;
using nlohmann::json;
using testkit::OwnedEvent;

class MadeState : public Made<testkit::StateKit> {
 public:
  explicit MadeState(const Plugin& plugin) : Made(plugin.state(), plugin) {}
};

const std::string kStaffClaims = R"({"sub":"staff-1","roles":["staff","admin"]})";

// The types that the State names; one that nobody knows where it takes every type.
std::vector<std::string> consumed_types(const Plugin& plugin) {
  std::vector<std::string> types;
  for (const auto& consumed : plugin.manifest.consumes)
    types.push_back(consumed.type == host::kEveryType ? "SomeType" : consumed.type);
  return types;
}

// For each type that the State consumes, data of every JSON type, and subjects that no entity has.
std::vector<OwnedEvent> malformed_events(const Plugin& plugin) {
  std::vector<OwnedEvent> events;
  for (const std::string& type : consumed_types(plugin)) {
    for (const char* data : {"null", "true", "7", "-1.5e300", "\"text\"", "[]", "[[[]]]", "{}", R"({"status":null})",
                             R"({"status":{}})", R"({"status":"CONFIRMED"})", R"({"items":7,"total":"x","latitude":"north"})"}) {
      for (const char* subject : {"", "a", "no such/entity \" \\ \n", "\xc3\xa4"}) {
        events.push_back({.type = type, .subject = subject, .data = data});
      }
    }
  }
  events.push_back({.type = "ATypeThatNobodyConsumes", .subject = "a"});
  return events;
}

std::vector<std::string> unknown_topics(const Plugin& plugin) {
  std::vector<std::string> topics = {"", "/", "nobody-has-this-prefix/x"};
  for (const auto& topic : plugin.manifest.topics) {
    topics.push_back(topic.prefix + "/no-such-entity");
    topics.push_back(topic.prefix + "/");
    topics.push_back(topic.prefix);
  }
  return topics;
}

void rejects_malformed_events(const Plugin& plugin) {
  MadeState made(plugin);
  const auto reported = made.kit.apply(malformed_events(plugin));
  EXPECT_EQ(reported.outcome, testkit::Outcome{});
  for (const std::string& reason : reported.rejections()) EXPECT_NE(reason, "");
}

void reports_only_topics_of_its_manifest(const Plugin& plugin) {
  MadeState made(plugin);
  for (const testkit::Change& change : made.kit.apply(malformed_events(plugin)).changes) {
    for (const std::string& topic : change.topics) {
      const auto has_prefix = [&](const auto& declared) { return topic.starts_with(declared.prefix + "/"); };
      EXPECT_TRUE(std::ranges::any_of(plugin.manifest.topics, has_prefix)) << change;
    }
  }
}

void renders_json_whatever_it_accepted(const Plugin& plugin) {
  MadeState made(plugin);
  for (const testkit::Change& change : made.kit.apply(malformed_events(plugin)).changes) {
    if (change.what == "appended") {
      EXPECT_TRUE(json::parse(change.json, nullptr, false).is_object()) << change;
    }
    if (change.what != "updated" || change.topics.empty()) continue;
    const auto admitted = made.kit.admit(kStaffClaims, change.topics.front());
    if (!admitted.ok()) continue;
    const auto rendered = made.kit.render(change.key, admitted.text);
    if (!rendered) continue;
    EXPECT_TRUE(json::parse(*rendered, nullptr, false).is_object()) << *rendered;
  }
}

void restores_what_it_saved(const Plugin& plugin) {
  MadeState made(plugin), other(plugin);
  std::set<std::string> keys;
  for (const testkit::Change& change : made.kit.apply(malformed_events(plugin)).changes) keys.insert(change.key);
  for (const std::string& key : keys) {
    const auto saved = made.kit.save(key);
    if (!saved) continue;
    EXPECT_EQ(other.kit.load(plugin.version, key, *saved), testkit::Outcome{}) << key;
  }
}

// A replay must give the same state, whenever it happens.
void applies_by_the_events_alone(const Plugin& plugin) {
  MadeState made(plugin), later(plugin);
  later.kit.host().clock.advance(std::chrono::hours(100'000));
  EXPECT_EQ(made.kit.apply(malformed_events(plugin)).changes, later.kit.apply(malformed_events(plugin)).changes);
}

void survives_an_admission_to_an_unknown_topic(const Plugin& plugin) {
  MadeState made(plugin);
  for (const std::string& topic : unknown_topics(plugin)) {
    for (const std::string& claims : {std::string("{}"), kStaffClaims}) {
      const auto verdict = made.kit.admit(claims, topic);
      const bool legal = verdict.status == SC_OK || verdict.status == SC_DENIED || verdict.status == SC_UNKNOWN;
      EXPECT_TRUE(legal) << topic << ": status " << verdict.status << ": " << verdict.text;
    }
  }
}

void lists_nothing_on_an_unknown_topic(const Plugin& plugin) {
  MadeState made(plugin);
  for (const std::string& topic : unknown_topics(plugin)) EXPECT_TRUE(made.kit.list(topic).empty()) << topic;
}

void renders_and_saves_nothing_for_an_unknown_key(const Plugin& plugin) {
  MadeState made(plugin);
  EXPECT_EQ(made.kit.render("no-such-key", "all"), std::nullopt);
  EXPECT_EQ(made.kit.save("no-such-key"), std::nullopt);
}

void refreshes_when_it_is_empty(const Plugin& plugin) {
  MadeState made(plugin);
  EXPECT_EQ(made.kit.refresh().outcome, testkit::Outcome{});
}

void survives_bytes_that_it_never_saved(const Plugin& plugin) {
  for (const char* bytes : {"", "{}", "\xff\xfe\x01", "[1,2", "null", "99999999999999999999999999"}) {
    MadeState made(plugin);
    made.kit.load("0.0.1", "key", bytes);
    EXPECT_EQ(made.kit.refresh().outcome, testkit::Outcome{});
  }
}

// An older host knows less to report, and says so by the size: what it has not is not called.
void applies_for_a_host_from_before_there_was_a_hold(const Plugin& plugin) {
  MadeState made(plugin);
  testkit::ChangeRecorder recorder;
  sc_changes older = *recorder.abi();
  older.size = offsetof(sc_changes, held);
  older.settled = nullptr;
  older.refused = nullptr;
  std::uint64_t count = 0;
  const testkit::EventArray events(malformed_events(plugin), count, true);
  testkit::Collected err;
  EXPECT_EQ(plugin.state().apply(made.kit.self(), events.data(), events.size(), &older, err.abi()), SC_OK) << err.text;
}

// What a State puts off, it keeps, saves and hands back as it came.
void says_why_it_holds_an_event_and_what_becomes_of_no_other(const Plugin& plugin) {
  MadeState made(plugin);
  std::set<std::string> held;
  for (const testkit::Change& change : made.kit.apply(malformed_events(plugin)).changes) {
    if (change.what == "held") {
      EXPECT_NE(change.reason, "");
      EXPECT_TRUE(held.insert(change.place).second) << change;
    }
    if (change.what == "settled" || change.what == "refused") {
      EXPECT_EQ(held.erase(change.place), 1u) << change;
    }
    if (change.what == "refused") {
      EXPECT_NE(change.reason, "");
      EXPECT_NE(change.handed_back.id, "");
    }
  }
}

// A newer host's structs are longer, and their size says so.
void is_created_by_a_newer_host(const Plugin& plugin) {
  const TemporaryFolder folder;
  const std::string settings = default_settings(plugin, folder.path());
  testkit::FakeHost host;
  struct {
    sc_instance told;
    std::uint64_t later_members[4];
  } newer{{sizeof newer, {"x", 1}, {settings.data(), settings.size()}, 0, 1}, {}};
  testkit::Collected err;
  void* self = nullptr;
  ASSERT_EQ(plugin.state().create(host.abi(), &newer.told, &self, err.abi()), SC_OK) << err.text;
  ASSERT_NE(self, nullptr);
  plugin.state().destroy(self);
}

}  // namespace

void add_state_tests(const Plugin& plugin) {
  add(plugin, "RejectsMalformedEventsAndDoesNotFail", rejects_malformed_events);
  add(plugin, "ReportsOnlyTopicsOfItsManifest", reports_only_topics_of_its_manifest);
  add(plugin, "RendersJsonWhateverItAccepted", renders_json_whatever_it_accepted);
  add(plugin, "RestoresWhatItSaved", restores_what_it_saved);
  add(plugin, "AppliesByTheEventsAloneAndNotByTheClock", applies_by_the_events_alone);
  add(plugin, "SurvivesAnAdmissionToAnUnknownTopic", survives_an_admission_to_an_unknown_topic);
  add(plugin, "ListsNothingOnAnUnknownTopic", lists_nothing_on_an_unknown_topic);
  add(plugin, "RendersAndSavesNothingForAnUnknownKey", renders_and_saves_nothing_for_an_unknown_key);
  add(plugin, "RefreshesWhenItIsEmpty", refreshes_when_it_is_empty);
  add(plugin, "SurvivesBytesThatItNeverSaved", survives_bytes_that_it_never_saved);
  add(plugin, "IsCreatedByANewerHost", is_created_by_a_newer_host);
  add(plugin, "AppliesForAHostFromBeforeThereWasAHold", applies_for_a_host_from_before_there_was_a_hold);
  add(plugin, "SaysWhyItHoldsAnEventAndWhatBecomesOfNoOther", says_why_it_holds_an_event_and_what_becomes_of_no_other);
}

}  // namespace statecast::contract
