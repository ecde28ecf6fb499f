#include <gtest/gtest.h>

#include <statecast/plugin.hpp>

using namespace statecast;

namespace {

class Silent : public State {
 public:
  explicit Silent(const Instance& instance) {
    if (instance.settings == "bad") throw Failure(SC_REJECTED, "settings: bad");
  }
  void apply(const Event& event, const Changes& changes) override { changes.updated(event.subject, {"silent/all"}); }
  Admission admit(const Client&, std::string_view) override { return Admission::as("all"); }
  void list(std::string_view, std::string_view, std::size_t, const Keys&) override {}
  bool render(std::string_view, std::string_view, const Sink&) override { return false; }
  void load(std::string_view, std::string_view, std::string_view) override {}
  bool save(std::string_view, const Sink&) override { return false; }
};

class Deaf : public Transport {
 public:
  explicit Deaf(const Instance&) {}
  Opened open(const Client&, const Commands&) override { return {}; }
  void head(Session*, const Sink&) override {}
  void decode(Session*, std::string_view, const Commands&, const Sink&) override {}
  void answer(Session*, std::uint64_t, sc_status, std::string_view, const Sink&) override {}
  void encode(std::uint32_t, const Message&, const Sink&) const override {}
  void heartbeat(std::uint32_t, const Sink&) const override {}
  void close(Session*, std::uint32_t, std::string_view, std::uint32_t, const Sink&) override {}
};

class Dry : public Source {
 public:
  explicit Dry(const Instance&) {}
  Epoch epoch() override { return {"dry", 1}; }
  Range range(std::uint32_t) override { return {}; }
  std::unique_ptr<Reader> open_reader(std::span<const Position>) override { throw Failure(SC_GONE, "dry"); }
};

class Wet : public Dry {
 public:
  using Dry::Dry;
  void append(std::span<const Event>, const Receipts&) override {}
};

constexpr std::string_view kManifest = R"({"topics":[{"prefix":"silent","kind":"updated"}]})";

}  // namespace

STATECAST_PLUGINS("sdk-test", "0.1.0", state<Silent>("silent", "1.0.0", "Says nothing", kManifest),
                  transport<Deaf>("deaf", "1.1.0", "Hears nothing", "{}"),
                  source<Dry>("dry", "1.2.0", "Has nothing", "{}"),
                  source<Wet>("wet", "1.3.0", "Takes all", R"({"appends":true})"));

TEST(PluginExport, ListsEachPluginWithItsDescriptor) {
  const sc_entry* entry = statecast_entry_v1();
  EXPECT_EQ(entry->size, sizeof(sc_entry));
  EXPECT_EQ(entry->abi, SC_ABI_VERSION);
  EXPECT_EQ(view(entry->package), "sdk-test");
  EXPECT_EQ(view(entry->version), "0.1.0");
  ASSERT_EQ(entry->n, 4u);
  const sc_descriptor& first = *entry->descriptors[0];
  EXPECT_EQ(first.kind, SC_KIND_STATE);
  EXPECT_EQ(view(first.id), "silent");
  EXPECT_EQ(view(first.version), "1.0.0");
  EXPECT_EQ(view(first.summary), "Says nothing");
  EXPECT_EQ(view(first.manifest), kManifest);
  EXPECT_EQ(entry->descriptors[1]->kind, SC_KIND_TRANSPORT);
  EXPECT_EQ(entry->descriptors[2]->kind, SC_KIND_SOURCE);
}

TEST(PluginExport, LeavesOutTheFunctionsThatASourceDoesNotOverride) {
  const auto table = [](std::size_t i) {
    return static_cast<const sc_source*>(statecast_entry_v1()->descriptors[i]->functions);
  };
  EXPECT_EQ(table(2)->append, nullptr);
  EXPECT_NE(table(3)->append, nullptr);
  EXPECT_EQ(table(3)->ack, nullptr);
}
