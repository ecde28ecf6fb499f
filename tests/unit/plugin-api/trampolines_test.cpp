// What the SDK's trampolines make of exceptions, one kind of call after the other.
#include <gtest/gtest.h>

#include <statecast/testkit.hpp>

using namespace statecast;
using testkit::Outcome;
using testkit::OwnedEvent;

namespace {

Position at(std::uint64_t hi) { return {hi, 0, 0, 0}; }

// Throws what a word says: "failure" a Failure(SC_RETRY), "runtime" a std::exception, "int" something else.
void throw_by(std::string_view word) {
  if (word == "failure") throw Failure(SC_RETRY, "the disk is busy");
  if (word == "ok") throw Failure(SC_OK, "a failure that claims to be none");
  if (word == "runtime") throw std::runtime_error("index out of range");
  if (word == "int") throw 7;
}

const Outcome kFailure{SC_RETRY, "the disk is busy"};
const Outcome kRuntime{SC_FAILED, "index out of range"};
const Outcome kInt{SC_FAILED, "an exception that is no std::exception"};

class ThrowingState : public State {
 public:
  explicit ThrowingState(const Instance& instance) { throw_by(instance.settings); }
  void apply(const Event& event, const Changes& changes) override {
    throw_by(event.subject);
    changes.updated(event.subject, {"t/all"});
  }
  void refresh(std::int64_t now_us, const Changes& changes) override {
    changes.touched("k");
    if (now_us == 1) throw_by("failure");
  }
  Admission admit(const Client&, std::string_view topic) override {
    throw_by(topic);
    if (topic == "t/secret") return Admission::denied("not yours");
    if (topic == "t/none") return Admission::unknown("no such topic");
    return Admission::as("all");
  }
  void list(std::string_view topic, std::string_view, std::size_t, const Keys&) override { throw_by(topic); }
  bool render(std::string_view key, std::string_view, const Sink&) override {
    throw_by(key);
    return false;
  }
  void load(std::string_view, std::string_view key, std::string_view) override { throw_by(key); }
  bool save(std::string_view key, const Sink&) override {
    throw_by(key);
    return false;
  }
  const void* get_extension(std::string_view id) override {
    throw_by(id);
    return this;
  }
};

class ThrowingTransport : public Transport {
 public:
  struct Marked : Session {
    explicit Marked(int& open) : open_(open) { ++open_; }
    ~Marked() override { --open_; }
    int& open_;
  };
  static inline int open_sessions = 0;

  explicit ThrowingTransport(const Instance& instance) { throw_by(instance.settings); }
  Opened open(const Client& client, const Commands&) override {
    auto session = std::make_unique<Marked>(open_sessions);
    throw_by(client.path());
    return {std::move(session), 3};
  }
  void head(Session*, const Sink&) override { throw_by("runtime"); }
  void decode(Session*, std::string_view in, const Commands&, const Sink&) override { throw_by(in); }
  void answer(Session*, std::uint64_t, sc_status, std::string_view json, const Sink&) override { throw_by(json); }
  void encode(std::uint32_t, const Message& message, const Sink&) const override { throw_by(message.json); }
  void heartbeat(std::uint32_t, const Sink&) const override { throw_by("failure"); }
  void close(Session*, std::uint32_t, std::string_view text, std::uint32_t, const Sink&) override { throw_by(text); }
};

// Its sessions remember the last word they heard, and are at rest after the word "".
class ForgetfulTransport : public Transport {
 public:
  struct Memory : Session {
    Memory() { ++count; }
    ~Memory() override { --count; }
    bool at_rest() const override {
      throw_by(heard);
      return heard.empty();
    }
    std::string heard;
    static inline int count = 0;
  };

  explicit ForgetfulTransport(const Instance&) {}
  Opened open(const Client&, const Commands&) override { return {std::make_unique<Memory>(), 0}; }
  std::unique_ptr<Session> awaken() override { return std::make_unique<Memory>(); }
  void head(Session*, const Sink&) override {}
  void decode(Session* session, std::string_view in, const Commands&, const Sink& reply) override {
    reply.write(static_cast<Memory*>(session)->heard);
    static_cast<Memory*>(session)->heard = in;
  }
  void answer(Session*, std::uint64_t, sc_status, std::string_view, const Sink&) override {}
  void encode(std::uint32_t, const Message&, const Sink&) const override {}
  void heartbeat(std::uint32_t, const Sink&) const override {}
  void close(Session* session, std::uint32_t, std::string_view, std::uint32_t, const Sink& last_bytes) override {
    last_bytes.write("after " + static_cast<Memory*>(session)->heard);
  }
};

class ThrowingReader : public Reader {
 public:
  bool poll(std::size_t max, std::int64_t, const Batch&) override {
    throw_by(max == 1 ? "failure" : max == 2 ? "int" : "");
    return false;
  }
  void interrupt() override { throw_by("runtime"); }
};

class ThrowingSource : public Source {
 public:
  explicit ThrowingSource(const Instance& instance) { throw_by(instance.settings); }
  Epoch epoch() override { throw std::runtime_error("no epoch"); }
  Range range(std::uint32_t) override { throw std::runtime_error("no range"); }
  std::unique_ptr<Reader> open_reader(std::span<const Position> after) override {
    if (after[0].hi == 1) throw Failure(SC_GONE, "trimmed");
    if (after[0].hi == 2) return nullptr;
    return std::make_unique<ThrowingReader>();
  }
  void append(std::span<const Event> events, const Receipts&) override { throw_by(events[0].subject); }
  void ack(std::span<const Position>) override { throw_by("int"); }
};

testkit::StateKit state_kit() { return testkit::StateKit(testkit::state_table<ThrowingState>(), "{}"); }
testkit::TransportKit transport_kit() {
  return testkit::TransportKit(testkit::transport_table<ThrowingTransport>(), "{}");
}
testkit::SourceKit source_kit() { return testkit::SourceKit(testkit::source_table<ThrowingSource>(), "{}"); }

template <class Call>
Outcome failure_of(Call&& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return {failure.status(), failure.what()};
  }
  return {};
}

}  // namespace

TEST(Create, RefusesTheSettingsWhenTheConstructorThrows) {
  const auto creation = [](std::string_view settings) {
    return testkit::StateKit(testkit::state_table<ThrowingState>(), settings).creation();
  };
  EXPECT_EQ(creation("runtime"), (Outcome{SC_REJECTED, "index out of range"}));
  EXPECT_EQ(creation("int"), (Outcome{SC_REJECTED, "an exception that is no std::exception"}));
  EXPECT_EQ(creation("failure"), kFailure);
  EXPECT_EQ(creation("ok"), (Outcome{SC_FAILED, "a failure that claims to be none"}));
  EXPECT_EQ(creation("{}"), Outcome{});
}

TEST(Create, LeavesSelfAloneWhenItFails) {
  testkit::FakeHost host;
  testkit::Collected err;
  const sc_instance told = {sizeof(sc_instance), str("x"), str("runtime"), 0, 1};
  int marker = 0;
  void* self = &marker;
  EXPECT_EQ(testkit::source_table<ThrowingSource>().create(host.abi(), &told, &self, err.abi()), SC_REJECTED);
  EXPECT_EQ(self, &marker);
}

TEST(StateTrampolines, TellOfTheEventThatThrowsAndGoOnWithTheBatch) {
  auto kit = state_kit();
  const auto reported = kit.apply(
      {{.subject = "a"}, {.subject = "runtime"}, {.subject = "failure"}, {.subject = "int"}, {.subject = "b"}});
  EXPECT_EQ(reported.outcome, Outcome{});
  EXPECT_EQ(reported.text(),
            "0: updated a on t/all\n"
            "1: failed: index out of range\n"
            "2: failed: the disk is busy\n"
            "3: failed: an exception that is no std::exception\n"
            "4: updated b on t/all\n");
}

TEST(StateTrampolines, KeepWhatRefreshReportedBeforeItThrew) {
  auto kit = state_kit();
  const auto reported = kit.refresh(1);
  EXPECT_EQ(reported.outcome, kFailure);
  EXPECT_EQ(reported.text(), "-: touched k\n");
}

TEST(StateTrampolines, TurnExceptionsIntoAStatusWithItsText) {
  auto kit = state_kit();
  EXPECT_EQ(kit.admit("{}", "failure"), kFailure);
  EXPECT_EQ(kit.admit("{}", "int"), kInt);
  EXPECT_EQ(kit.load("1.0.0", "runtime", ""), kRuntime);
  EXPECT_EQ(failure_of([&] { kit.list("failure"); }), kFailure);
  EXPECT_EQ(failure_of([&] { kit.render("runtime", "all"); }), kRuntime);
  EXPECT_EQ(failure_of([&] { kit.save("int"); }), kInt);
}

TEST(StateTrampolines, CarryTheVerdictOfAdmit) {
  auto kit = state_kit();
  EXPECT_EQ(kit.admit("{}", "t/all"), (Outcome{SC_OK, "all"}));
  EXPECT_EQ(kit.admit("{}", "t/secret"), (Outcome{SC_DENIED, "not yours"}));
  EXPECT_EQ(kit.admit("{}", "t/none"), (Outcome{SC_UNKNOWN, "no such topic"}));
}

TEST(StateTrampolines, SayUnknownForAKeyThatRendersOrSavesNothing) {
  auto kit = state_kit();
  EXPECT_EQ(kit.render("k", "all"), std::nullopt);
  EXPECT_EQ(kit.save("k"), std::nullopt);
}

TEST(StateTrampolines, LogWhatGetExtensionThrows) {
  auto kit = state_kit();
  EXPECT_NE(kit.table().get_extension(kit.self(), str("statecast.x/1")), nullptr);
  EXPECT_EQ(kit.table().get_extension(kit.self(), str("runtime")), nullptr);
  EXPECT_EQ(kit.host().log(), (std::vector<testkit::LogLine>{{SC_LOG_ERROR, "index out of range"}}));
}

TEST(TransportTrampolines, OpenNoSessionWhenOpenThrows) {
  auto kit = transport_kit();
  const auto session = kit.open({.path = "failure"});
  EXPECT_EQ(session.opened(), kFailure);
  EXPECT_EQ(ThrowingTransport::open_sessions, 0);
}

TEST(TransportTrampolines, FreeTheSessionEvenWhenCloseThrows) {
  auto kit = transport_kit();
  auto session = kit.open({.path = "/"});
  EXPECT_EQ(session.encoding(), 3u);
  EXPECT_EQ(ThrowingTransport::open_sessions, 1);
  session.close(SC_CLOSE_ERROR, "runtime");
  EXPECT_EQ(ThrowingTransport::open_sessions, 0);
  EXPECT_EQ(kit.host().log(), (std::vector<testkit::LogLine>{{SC_LOG_ERROR, "index out of range"}}));
}

TEST(TransportTrampolines, FreeASessionAtRestUntilItIsCalledAgain) {
  testkit::TransportKit kit(testkit::transport_table<ForgetfulTransport>(), "{}");
  auto session = kit.open({.path = "/"});
  EXPECT_FALSE(session.at_rest()) << "its head is not written";
  session.head();
  EXPECT_TRUE(session.at_rest());
  EXPECT_EQ(ForgetfulTransport::Memory::count, 0);
  EXPECT_EQ(session.decode("word").reply, "");
  EXPECT_EQ(ForgetfulTransport::Memory::count, 1);
  EXPECT_EQ(session.answer(1, SC_OK, "{}"), "");
  EXPECT_EQ(session.decode("").reply, "word");
  EXPECT_TRUE(session.at_rest());
  EXPECT_EQ(session.close(SC_CLOSE_ENDED), "after ");
  EXPECT_EQ(ForgetfulTransport::Memory::count, 0);
}

TEST(TransportTrampolines, KeepASessionThatFailsToSayWhetherItIsAtRest) {
  testkit::TransportKit kit(testkit::transport_table<ForgetfulTransport>(), "{}");
  auto session = kit.open({.path = "/"});
  EXPECT_EQ(session.decode("failure").outcome, kFailure);
  EXPECT_EQ(session.decode("word").reply, "failure");
  EXPECT_EQ(session.close(SC_CLOSE_ENDED), "after word");
  EXPECT_EQ(ForgetfulTransport::Memory::count, 0);
}

TEST(TransportTrampolines, TurnExceptionsIntoAStatusWithItsText) {
  auto kit = transport_kit();
  auto session = kit.open({.path = "/"});
  EXPECT_EQ(session.decode("failure").outcome, kFailure);
  EXPECT_EQ(failure_of([&] { kit.encode(0, {.json = "runtime"}); }), kRuntime);
}

TEST(TransportTrampolines, LogTheTextWhereTheCallHasNoErrorSink) {
  auto kit = transport_kit();
  auto session = kit.open({.path = "/"});
  EXPECT_EQ(failure_of([&] { session.head(); }).status, SC_FAILED);
  EXPECT_EQ(failure_of([&] { session.answer(1, SC_OK, "failure"); }).status, SC_RETRY);
  EXPECT_EQ(failure_of([&] { kit.heartbeat(0); }).status, SC_RETRY);
  EXPECT_EQ(kit.host().log(), (std::vector<testkit::LogLine>{{SC_LOG_ERROR, "index out of range"},
                                                             {SC_LOG_ERROR, "the disk is busy"},
                                                             {SC_LOG_ERROR, "the disk is busy"}}));
}

TEST(SourceTrampolines, TurnExceptionsIntoAStatusWithItsText) {
  auto kit = source_kit();
  EXPECT_EQ(kit.append({{.subject = "failure"}}).outcome, kFailure);
  EXPECT_EQ(kit.ack({}), kInt);
  EXPECT_EQ(kit.open_reader({at(1)}).opened(), (Outcome{SC_GONE, "trimmed"}));
  EXPECT_EQ(kit.open_reader({at(2)}).opened(), (Outcome{SC_FAILED, "open_reader returned no reader"}));
}

TEST(SourceTrampolines, TurnWhatAReaderThrowsIntoAStatus) {
  auto kit = source_kit();
  auto reader = kit.open_reader({at(9)});
  EXPECT_EQ(reader.poll(1, {}).outcome, kFailure);
  EXPECT_EQ(reader.poll(2, {}).outcome, kInt);
  EXPECT_EQ(reader.poll(3, {}).outcome, (Outcome{SC_TIMEOUT, ""}));
  reader.interrupt();
  EXPECT_EQ(kit.host().log(), (std::vector<testkit::LogLine>{{SC_LOG_ERROR, "index out of range"}}));
}

TEST(SourceTrampolines, LogTheTextWhereTheCallHasNoErrorSink) {
  auto kit = source_kit();
  EXPECT_EQ(failure_of([&] { kit.epoch(); }).status, SC_FAILED);
  EXPECT_EQ(failure_of([&] { kit.range(); }).status, SC_FAILED);
  EXPECT_EQ(kit.host().log(), (std::vector<testkit::LogLine>{{SC_LOG_ERROR, "no epoch"}, {SC_LOG_ERROR, "no range"}}));
}
