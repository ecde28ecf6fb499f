#include "host/streaming/instances.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

sc_status write(const sc_sink* sink, std::string_view text, sc_status status = SC_OK) {
  sink->write(sink->ctx, text.data(), text.size());
  return status;
}

// ---- PluginGuard

TEST(PluginGuard, GivesBackTheStatusAndTheText) {
  PluginGuard guard("orders");
  EXPECT_EQ(guard("render", [](const sc_sink*) { return SC_OK; }), SC_OK);
  EXPECT_EQ(guard("admit", [](const sc_sink* err) { return write(err, "not yours", SC_DENIED); }), SC_DENIED);
  EXPECT_EQ(guard.error(), "not yours");
  EXPECT_EQ(guard.failures(), 0u);
  EXPECT_EQ(guard("render", [](const sc_sink*) { return SC_OK; }), SC_OK);
  EXPECT_EQ(guard.error(), "");
}

TEST(PluginGuard, CountsAFailure) {
  PluginGuard guard("orders");
  EXPECT_EQ(guard("apply", [](const sc_sink* err) { return write(err, "out of luck", SC_FAILED); }), SC_FAILED);
  EXPECT_EQ(guard.error(), "out of luck");
  EXPECT_EQ(guard.failures(), 1u);
}

TEST(PluginGuard, TakesAStatusThatItDoesNotKnowForAFailure) {
  PluginGuard guard("orders");
  EXPECT_EQ(guard("apply", [](const sc_sink*) { return 77; }), SC_FAILED);
  EXPECT_EQ(guard("apply", [](const sc_sink*) { return -1; }), SC_FAILED);
  EXPECT_EQ(guard.failures(), 2u);
}

TEST(PluginGuard, StopsExceptionsThatCrossTheBoundary) {
  PluginGuard guard("orders");
  EXPECT_EQ(guard("apply", [](const sc_sink*) -> sc_status { throw std::runtime_error("boom"); }), SC_FAILED);
  EXPECT_EQ(guard.error(), "an exception crossed the plugin boundary: boom");
  EXPECT_EQ(guard("apply", [](const sc_sink*) -> sc_status { throw 7; }), SC_FAILED);
  EXPECT_EQ(guard.error(), "something that is no std::exception crossed the plugin boundary");
  EXPECT_EQ(guard.failures(), 2u);
}

// ---- creation

int dummy;

template <class Table>
Table refusing_table() {
  Table table{};
  table.size = sizeof table;
  table.create = [](const sc_host*, const sc_instance* instance, void** self, const sc_sink* err) {
    const auto settings = view(instance->settings);
    if (settings == "refuse") return write(err, "'keep' is too short", SC_REJECTED);
    if (settings == "silent") return sc_status{SC_FAILED};
    if (settings != "nothing") *self = &dummy;
    return sc_status{SC_OK};
  };
  table.destroy = [](void*) {};
  return table;
}

template <class Table>
Plugin plugin_of(std::uint32_t kind, const Table& table) {
  Plugin plugin;
  plugin.kind = kind;
  plugin.id = "acme";
  plugin.version = "1.2.3";
  plugin.functions = &table;
  return plugin;
}

InstanceOptions options(std::string settings) {
  InstanceOptions out;
  out.id = "mine";
  out.settings = std::move(settings);
  return out;
}

TEST(PluginInstance, SaysWhyAPluginCouldNotBeCreated) {
  const auto table = refusing_table<sc_state>();
  const Plugin plugin = plugin_of(SC_KIND_STATE, table);
  const auto error = [&](const char* settings) { return StateInstance::create(plugin, options(settings)).error().text(); };
  EXPECT_EQ(error("refuse"),
            "state 'mine' (plugin acme 1.2.3): 'keep' is too short\n  = fix: correct its settings, or set 'enabled: false'");
  EXPECT_EQ(error("silent"),
            "state 'mine' (plugin acme 1.2.3): could not be created, and gave no reason\n"
            "  = fix: correct its settings, or set 'enabled: false'");
  EXPECT_EQ(error("nothing"),
            "state 'mine' (plugin acme 1.2.3): create returned OK but no instance\n  = fix: report this to the plugin's author");
}

std::string epoch_text;

TEST(SourceInstance, RefusesAnEpochThatDoesNotFitACursor) {
  auto table = refusing_table<sc_source>();
  table.epoch = [](void*, const sc_sink* id, std::uint32_t* partitions) {
    *partitions = 3;
    return write(id, epoch_text);
  };
  const Plugin plugin = plugin_of(SC_KIND_SOURCE, table);
  for (const std::string& text : {std::string(), std::string("A"), std::string("a.b"), std::string(33, 'a')}) {
    epoch_text = text;
    const auto made = SourceInstance::create(plugin, options("{}"));
    ASSERT_FALSE(made) << text;
    EXPECT_EQ(made.error().text(), "source 'mine': its epoch '" + text +
                                       "' is not 1 to 32 characters of a-z and 0-9\n  = fix: report this to the plugin's author");
  }
  epoch_text = std::string(32, 'a');
  const auto made = SourceInstance::create(plugin, options("{}"));
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->epoch(), epoch_text);
  EXPECT_EQ((*made)->partitions(), 3u);
}

TEST(SourceInstance, RefusesASourceOfNoPartitions) {
  auto table = refusing_table<sc_source>();
  table.epoch = [](void*, const sc_sink* id, std::uint32_t* partitions) {
    *partitions = 0;
    return write(id, "e1");
  };
  const auto made = SourceInstance::create(plugin_of(SC_KIND_SOURCE, table), options("{}"));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().what, "source 'mine': it has no partitions");
}

// ---- what a State says is checked

std::vector<std::string> listed_keys;
std::string rendered;

class StateInstanceTest : public testing::Test {
 protected:
  static sc_state make_table() {
    auto table = refusing_table<sc_state>();
    table.list = [](void*, sc_str, sc_str, std::size_t, const sc_keys* keys, const sc_sink*) {
      for (const std::string& key : listed_keys) keys->key(keys->ctx, str(key));
      return sc_status{SC_OK};
    };
    table.render = [](void*, sc_str, sc_str, const sc_sink* json, const sc_sink*) { return write(json, rendered); };
    table.admit = [](void*, const sc_client*, sc_str topic, const sc_sink* view_name, const sc_sink* err) {
      return view(topic) == "t/mine" ? write(view_name, "staff") : write(err, "not yours", SC_DENIED);
    };
    return table;
  }
  sc_status list(std::vector<std::string> keys, std::string_view after = "", std::size_t max = 10) {
    listed_keys = std::move(keys);
    return state_->list("t/all", after, max, out_);
  }

  const sc_state table_ = make_table();
  const Plugin plugin_ = plugin_of(SC_KIND_STATE, table_);
  std::unique_ptr<StateInstance> state_ = *StateInstance::create(plugin_, options("{}"));
  std::vector<std::string> out_;
};

TEST_F(StateInstanceTest, ListsKeysThatGoForward) {
  EXPECT_EQ(list({"b", "c"}, "a"), SC_OK);
  EXPECT_EQ(out_, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(list({}), SC_OK);
}

TEST_F(StateInstanceTest, RefusesAListThatWouldBeAskedForWithoutEnd) {
  EXPECT_EQ(list({"c", "b"}), SC_FAILED);
  EXPECT_EQ(list({"b", "b"}), SC_FAILED);
  EXPECT_EQ(list({"a", "b"}, "a"), SC_FAILED);
  EXPECT_EQ(list({"a", "b", "c"}, "", 2), SC_FAILED);
  EXPECT_TRUE(out_.empty());
  EXPECT_EQ(state_->failures(), 4u);
}

TEST_F(StateInstanceTest, RefusesARenderingThatIsNoJsonObject) {
  std::string json = "untouched";
  for (const char* text : {"", "oops", "[1]", "7", "{\"a\":1", "{} {}"}) {
    rendered = text;
    EXPECT_EQ(state_->render("k", "staff", json), SC_FAILED) << text;
  }
  EXPECT_EQ(json, "untouched");
  EXPECT_EQ(state_->failures(), 6u);
  rendered = R"({"a":1})";
  EXPECT_EQ(state_->render("k", "staff", json), SC_OK);
  EXPECT_EQ(json, rendered);
}

TEST_F(StateInstanceTest, AdmitsToAViewOrGivesTheReason) {
  const sc_client client{};
  std::string text;
  EXPECT_EQ(state_->admit(client, "t/mine", text), SC_OK);
  EXPECT_EQ(text, "staff");
  EXPECT_EQ(state_->admit(client, "t/other", text), SC_DENIED);
  EXPECT_EQ(text, "not yours");
}

}  // namespace
}  // namespace statecast::host
