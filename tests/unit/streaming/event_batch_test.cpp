#include "host/streaming/event_batch.hpp"

#include <gtest/gtest.h>

#include "events.hpp"

namespace statecast::host {
namespace {

using test::OwnedEvent;

OwnedEvent numbered(int n) {
  const auto text = std::to_string(n);
  return {.type = "Type" + text, .subject = "s-" + text, .data = R"({"n":)" + text + "}", .id = "id-" + text,
          .source = "/from/" + text, .time_us = n, .position = test::at(static_cast<std::uint64_t>(n), 3), .extensions = "{}"};
}

TEST(EventBatch, OwnsEveryTextOfItsEvents) {
  Ref<EventBatch> batch;
  std::vector<OwnedEvent> expected;
  {
    EventBatch::Builder builder(2, false);
    EXPECT_TRUE(builder.empty());
    for (int n = 0; n < 300; ++n) {  // enough for the text to move as it grows
      const OwnedEvent event = numbered(n);
      builder.add(detail::to_abi(event.view()));
      expected.push_back(event);
    }
    EXPECT_FALSE(builder.empty());
    batch = builder.finish();
  }
  EXPECT_EQ(batch->source(), 2);
  ASSERT_EQ(batch->events().size(), expected.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const sc_event& event = batch->events()[i];
    EXPECT_EQ(OwnedEvent::of(detail::from_abi(event)), expected[i]);
    EXPECT_EQ(event.size, sizeof(sc_event));
    for (const sc_str text : {event.id, event.source, event.type, event.subject, event.data, event.extensions}) bytes += text.n;
  }
  EXPECT_EQ(batch->bytes(), bytes);
}

TEST(EventBatch, MarksReplayedEventsWhateverTheSourceSaid) {
  auto event = numbered(1);
  EXPECT_EQ(test::batch_of({event}, 0, true)->events()[0].flags, SC_EVENT_REPLAY);
  event.replay = true;
  EXPECT_EQ(test::batch_of({event}, 0, false)->events()[0].flags, 0u);
}

TEST(EventBatch, TakesEmptyTexts) {
  const auto batch = test::batch_of({OwnedEvent{.type = "T", .data = "null", .source = "", .extensions = ""}});
  EXPECT_EQ(view(batch->events()[0].subject), "");
  EXPECT_EQ(view(batch->events()[0].data), "null");
}

TEST(EventBatch, IsFreedWithABuilderThatNeverFinished) {
  EventBatch::Builder builder(0, false);
  builder.add(detail::to_abi(numbered(1).view()));
}  // a leak is the sanitizer's to report

}  // namespace
}  // namespace statecast::host
