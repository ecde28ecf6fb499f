#include "host/streaming/damaged_events.hpp"

#include <gtest/gtest.h>

namespace statecast::host {
namespace {

sc_pos at(std::uint64_t hi, std::uint32_t partition = 0) { return {hi, 0, partition, 0}; }

TEST(DamagedEvents, CountsEachOnceThoughSeveralReadersMeetIt) {
  DamagedEvents damaged("events");
  EXPECT_EQ(damaged.sentence({at(1)}), "");
  damaged.note(at(17), at(17), 1, "why");
  damaged.note(at(20), at(22), 3, "why not");
  damaged.note(at(17), at(17), 1, "why");
  damaged.note(at(21), at(22), 2, "why not");
  damaged.note(at(17, 3), at(17, 3), 1, "elsewhere");
  EXPECT_EQ(damaged.events(), 5u);
  EXPECT_EQ(damaged.sentence({at(1)}),
            "source 'events' has damaged events, which states go on without: 17 (why), 20 to 22 (why not), 17 of partition 3 "
            "(elsewhere)");
}

TEST(DamagedEvents, TellsOnlyWhatTheSourceStillHolds) {
  DamagedEvents damaged("events");
  damaged.note(at(17), at(17), 1, "why");
  damaged.note(at(20), at(22), 3, "why");
  EXPECT_EQ(damaged.sentence({at(18)}), "source 'events' has damaged events, which states go on without: 20 to 22 (why)");
  EXPECT_EQ(damaged.sentence({at(23)}), "");
  EXPECT_EQ(damaged.events(), 4u);
}

TEST(DamagedEvents, CountsAllNamesSomeAndRemembersTheNewestThousandPlaces) {
  DamagedEvents damaged("events");
  for (std::uint64_t hi = 1; hi <= 2000; ++hi) damaged.note(at(hi), at(hi), 1, "why");
  EXPECT_EQ(damaged.events(), 2000u);
  EXPECT_EQ(damaged.sentence({}), "source 'events' has damaged events, which states go on without: 1001 (why), 1002 (why), 1003 "
                                  "(why), 1004 (why), 1005 (why), and at 995 other places");
}

}  // namespace
}  // namespace statecast::host
