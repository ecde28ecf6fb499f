// The test kit itself, on three small plugins that do what plugins do.
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <statecast/testkit.hpp>
#include <thread>

using namespace statecast;
using namespace std::chrono_literals;
using testkit::Command;
using testkit::Outcome;

namespace {

Position at(std::uint64_t hi) { return {hi, 0, 0, 0}; }

// Counts the events of each subject.
class CountState : public State {
 public:
  explicit CountState(const Instance& instance) : host_(instance.host), seen_(host_.counter("seen", "Events seen")) {
    host_.info("lane " + std::to_string(instance.lane) + " of " + std::to_string(instance.lanes));
  }

  void apply(const Event& event, const Changes& changes) override {
    host_.add(seen_, 1);
    const std::string key(event.subject), topic = "counts/" + key;
    if (event.type == "Gone") {
      counts_.erase(key);
      changes.removed(key, {topic});
      changes.ended(topic);
      return host_.wake();
    }
    if (event.type == "Early") {
      if (!changes.may_hold()) throw Failure(SC_REJECTED, "too early");
      const std::string place = changes.held("not yet");
      changes.settled(place);
      return changes.refused(place, event, "never");
    }
    counts_[key] = event.replay ? -1 : static_cast<int>(event.position.hi);
    changes.updated(key, {topic, "counts/all"});
    changes.appended(key, {"log/all"}, "staff", event.data);
  }
  void refresh(std::int64_t now_us, const Changes& changes) override { changes.touched(std::to_string(now_us)); }
  Admission admit(const Client& client, std::string_view) override {
    return Admission::as(std::string(client.method()) + " " + std::string(client.path()) + " " +
                         std::string(client.header("x-a")) + " " + std::string(client.claims()));
  }
  void list(std::string_view, std::string_view after, std::size_t max, const Keys& keys) override {
    for (auto at = counts_.upper_bound(std::string(after)); at != counts_.end() && max > 0; ++at, --max)
      keys.add(at->first);
  }
  bool render(std::string_view key, std::string_view, const Sink& json) override {
    const auto found = counts_.find(std::string(key));
    if (found == counts_.end()) return false;
    json.write("{\"at\":");
    json.write(std::to_string(found->second) + "}");
    return true;
  }
  void load(std::string_view, std::string_view key, std::string_view bytes) override {
    counts_[std::string(key)] = std::stoi(std::string(bytes));
  }
  bool save(std::string_view key, const Sink& bytes) override {
    const auto found = counts_.find(std::string(key));
    if (found == counts_.end()) return false;
    bytes.write(std::to_string(found->second));
    return true;
  }

 private:
  Host host_;
  std::uint32_t seen_;
  std::map<std::string, int> counts_;
};

// Speaks one line a command.
class LineTransport : public Transport {
 public:
  explicit LineTransport(const Instance&) {}
  Opened open(const Client& client, const Commands& commands) override {
    if (!client.query().empty()) commands.subscribe(1, client.query(), client.header("last-event-id"));
    return {};
  }
  void head(Session*, const Sink& out) override { out.write("HELLO\n"); }
  void decode(Session*, std::string_view in, const Commands& commands, const Sink& reply) override {
    if (in == "pong") return commands.pong();
    if (in == "bye") return commands.close(1000, "bye");
    commands.unsubscribe(2, in);
    commands.publish(3, in);
    commands.renew(4, in);
    reply.write("taken\n");
  }
  void answer(Session*, std::uint64_t ref, sc_status status, std::string_view json, const Sink& out) override {
    out.write(std::to_string(ref) + " " + std::to_string(status) + " " + std::string(json) + "\n");
  }
  void encode(std::uint32_t encoding, const Message& message, const Sink& out) const override {
    out.write(std::to_string(encoding) + " " + std::string(message.json) + " @" + std::string(message.cursor) + "\n");
  }
  void heartbeat(std::uint32_t, const Sink& out) const override { out.write("\n"); }
  void close(Session*, std::uint32_t reason, std::string_view text, std::uint32_t retry_ms, const Sink& last) override {
    last.write(std::to_string(reason) + " " + std::string(text) + " " + std::to_string(retry_ms) + "\n");
  }
};

// Keeps events in memory.
class DequeSource : public Source {
 public:
  explicit DequeSource(const Instance& instance) : host_(instance.host) {}

  Epoch epoch() override { return {"deque", 1}; }
  Range range(std::uint32_t) override { return {at(1), at(events_.size())}; }
  std::unique_ptr<Reader> open_reader(std::span<const Position> after) override {
    return std::make_unique<At>(*this, after[0].hi);
  }
  void append(std::span<const Event> events, const Receipts& receipts) override {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i].type.empty()) {
        receipts.refused(i, SC_REJECTED, "no type");
        continue;
      }
      events_.push_back(testkit::OwnedEvent::of(events[i]));
      events_.back().position = at(events_.size());
      receipts.durable(i, events_.back().position);
    }
    more_.notify_all();
  }

 private:
  struct At : Reader {
    At(DequeSource& source, std::size_t next) : source_(source), next_(next) {}
    bool poll(std::size_t max, std::int64_t deadline_ns, const Batch& batch) override {
      std::unique_lock lock(source_.mutex_);
      const std::chrono::nanoseconds wait(deadline_ns - source_.host_.mono_ns());
      source_.more_.wait_for(lock, wait, [&] { return interrupted_ || next_ < source_.events_.size(); });
      interrupted_ = false;
      bool any = false;
      for (; max > 0 && next_ < source_.events_.size(); --max, any = true) batch.event(source_.events_[next_++].view());
      return any;
    }
    void interrupt() override {
      const std::lock_guard lock(source_.mutex_);
      interrupted_ = true;
      source_.more_.notify_all();
    }
    DequeSource& source_;
    std::size_t next_;
    bool interrupted_ = false;
  };

  Host host_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<testkit::OwnedEvent> events_;
};

testkit::StateKit state_kit() { return testkit::StateKit(testkit::state_table<CountState>(), "{}", {1, 4}); }
testkit::TransportKit transport_kit() { return testkit::TransportKit(testkit::transport_table<LineTransport>(), "{}"); }
testkit::SourceKit source_kit() { return testkit::SourceKit(testkit::source_table<DequeSource>(), "{}"); }

}  // namespace

TEST(StateKit, RecordsWhatEachEventReported) {
  auto kit = state_kit();
  EXPECT_EQ(
      kit.apply({{.type = "Seen", .subject = "a", .data = R"({"x":1})"}, {.type = "Gone", .subject = "a"}}).text(),
      "0: updated a on counts/a counts/all\n"
      "0: appended a on log/all for staff: {\"x\":1}\n"
      "1: removed a on counts/a\n"
      "1: ended on counts/a\n");
}

TEST(StateKit, RecordsWhatBecomesOfAnEventThatIsHeld) {
  auto kit = state_kit();
  const auto reported = kit.apply({{.type = "Early", .subject = "a", .data = "[1]", .position = at(7)}});
  EXPECT_EQ(reported.text(), "0: held at 7: not yet\n-: settled at 7\n-: refused at 7: never\n");
  EXPECT_EQ(reported.changes.at(2).handed_back.data, "[1]");
  EXPECT_EQ(kit.redeliver({.type = "Early", .subject = "a"}).text(), "0: rejected: too early\n");
}

TEST(StateKit, NumbersTheEventsOnFromCallToCall) {
  auto kit = state_kit();
  kit.apply({{.type = "Seen", .subject = "a"}, {.type = "Seen", .subject = "b"}});
  kit.apply({{.type = "Seen", .subject = "c"}});
  EXPECT_EQ(kit.render("b", "all"), R"({"at":2})");
  EXPECT_EQ(kit.render("c", "all"), R"({"at":3})");
}

TEST(StateKit, CarriesTheReplayFlag) {
  auto kit = state_kit();
  kit.apply({{.type = "Seen", .subject = "a", .replay = true}});
  EXPECT_EQ(kit.render("a", "all"), R"({"at":-1})");
}

TEST(StateKit, ListsPageByPage) {
  auto kit = state_kit();
  kit.apply({{.type = "Seen", .subject = "a"}, {.type = "Seen", .subject = "b"}, {.type = "Seen", .subject = "c"}});
  EXPECT_EQ(kit.list("counts/all", "", 2), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(kit.list("counts/all", "b", 2), (std::vector<std::string>{"c"}));
}

TEST(StateKit, SavesAndLoads) {
  auto kit = state_kit();
  kit.apply({{.type = "Seen", .subject = "a"}});
  auto other = state_kit();
  EXPECT_EQ(other.load("1.0.0", "a", kit.save("a").value()), Outcome{});
  EXPECT_EQ(other.render("a", "all"), R"({"at":1})");
  EXPECT_EQ(kit.save("b"), std::nullopt);
}

TEST(StateKit, RefreshesAtTheTimeOfTheManualClock) {
  auto kit = state_kit();
  kit.host().clock.set(5'000'000);
  kit.host().clock.advance(2s);
  EXPECT_EQ(kit.refresh().text(), "-: touched 7000000\n");
  EXPECT_EQ(kit.refresh(3).text(), "-: touched 3\n");
}

TEST(StateKit, ShowsTheRequestToAdmit) {
  auto kit = state_kit();
  EXPECT_EQ(kit.admit({.path = "/s", .headers = {{"x-a", "b"}}, .claims = R"({"sub":"c-1"})"}, "counts/a").text,
            R"(GET /s b {"sub":"c-1"})");
}

TEST(FakeHost, SaysWhatHasBeenThereForAnAge) {
  testkit::FakeHost fake;
  const Host host(fake.abi());
  EXPECT_EQ(host.aged_us(60), host.now_us() - 60);
  fake.hold_ages_at(5);
  EXPECT_EQ(host.aged_us(60), 4);
}

TEST(AnOlderHost, JudgesAgesByItsClock) {
  testkit::FakeHost fake;
  fake.hold_ages_at(5);
  sc_host before = *fake.abi();
  before.size = offsetof(sc_host, aged_us);
  EXPECT_EQ(Host(&before).aged_us(60), fake.clock.now_us() - 60);
}

TEST(FakeHost, WritesDownLogMetricsAndWakes) {
  auto kit = state_kit();
  kit.apply({{.type = "Seen", .subject = "a"}, {.type = "Gone", .subject = "a"}});
  EXPECT_EQ(kit.host().log(), (std::vector<testkit::LogLine>{{SC_LOG_INFO, "lane 1 of 4"}}));
  EXPECT_EQ(kit.host().metric("seen"), 2);
  EXPECT_EQ(kit.host().metric("unheard-of"), 0);
  EXPECT_EQ(kit.host().wakes(), 1);
}

TEST(ManualClock, MovesTheMonotonicClockOn) {
  testkit::ManualClock clock;
  const std::int64_t before = clock.mono_ns();
  clock.advance(1h);
  EXPECT_GE(clock.mono_ns() - before, std::chrono::nanoseconds(1h).count());
}

TEST(TransportKit, RecordsTheCommandsOfOpenAndDecode) {
  auto kit = transport_kit();
  auto session = kit.open({.query = "orders/o-1", .headers = {{"last-event-id", "c9"}}});
  EXPECT_EQ(session.commands(), (std::vector<Command>{{"subscribe", 1, "orders/o-1", "c9"}}));
  const auto decoded = session.decode("x");
  EXPECT_EQ(decoded.commands,
            (std::vector<Command>{{"unsubscribe", 2, "x", ""}, {"publish", 3, "x", ""}, {"renew", 4, "x", ""}}));
  EXPECT_EQ(decoded.reply, "taken\n");
  EXPECT_EQ(session.decode("pong").commands, (std::vector<Command>{{"pong", 0, "", ""}}));
  EXPECT_EQ(session.decode("bye").commands, (std::vector<Command>{{"close", 1000, "bye", ""}}));
}

TEST(TransportKit, ReturnsTheBytesOfEachCall) {
  auto kit = transport_kit();
  auto session = kit.open({});
  EXPECT_EQ(session.head(), "HELLO\n");
  EXPECT_EQ(session.answer(7, SC_DENIED, "{}"), "7 3 {}\n");
  EXPECT_EQ(kit.encode(2, {.json = "{}", .cursor = "c1"}), "2 {} @c1\n");
  EXPECT_EQ(kit.heartbeat(0), "\n");
  EXPECT_EQ(session.close(SC_CLOSE_SHUTDOWN, "restart", 250), "1 restart 250\n");
}

TEST(SourceKit, GivesBackTheReceiptOfEachEvent) {
  auto kit = source_kit();
  EXPECT_TRUE(kit.appends());
  const auto appended = kit.append({{.type = "A"}, {}});
  EXPECT_EQ(appended.outcome, Outcome{});
  EXPECT_EQ(appended.receipts,
            (std::vector<testkit::Receipt>{{0, SC_OK, at(1), false, ""}, {1, SC_REJECTED, {}, false, "no type"}}));
}

TEST(SourceKit, PollsWhatWasAppendedAfterThePosition) {
  auto kit = source_kit();
  kit.append({{.type = "A", .subject = "a"}, {.type = "B", .subject = "b", .data = R"({"x":1})"}});
  auto reader = kit.open_reader({at(1)});
  const auto polled = reader.poll(10, 5s);
  ASSERT_EQ(polled.outcome, Outcome{});
  ASSERT_EQ(polled.events.size(), 1u);
  EXPECT_EQ(polled.events[0],
            (testkit::OwnedEvent{.type = "B", .subject = "b", .data = R"({"x":1})", .id = "e-2", .position = at(2)}));
  EXPECT_EQ(reader.poll(10, 0s).outcome.status, SC_TIMEOUT);
}

TEST(SourceKit, InterruptsAPollFromAnotherThread) {
  auto kit = source_kit();
  auto reader = kit.open_reader();
  std::thread other([&] { reader.interrupt(); });
  EXPECT_EQ(reader.poll(10, 60s).outcome.status, SC_TIMEOUT);
  other.join();
}

TEST(SourceKit, ShowsEpochAndRange) {
  auto kit = source_kit();
  kit.append({{.type = "A"}});
  EXPECT_EQ(kit.epoch().id, "deque");
  EXPECT_EQ(kit.range().newest, at(1));
  EXPECT_EQ(kit.ack({}), Outcome{});
}

TEST(Kits, SayWhyNothingCanBeCalledOnAnInstanceThatWasNotCreated) {
  struct Refusing : CountState {
    explicit Refusing(const Instance& instance) : CountState(instance) {
      throw Failure(SC_REJECTED, "limit: must be positive");
    }
  };
  testkit::StateKit kit(testkit::state_table<Refusing>(), "{}");
  try {
    kit.list("counts/all");
    FAIL() << "list was called on no instance";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "the plugin was not created: limit: must be positive");
  }
}
