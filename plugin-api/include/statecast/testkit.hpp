// The test kit: drives a plugin through its C table, as the host does, with no host and no sockets.
//
//   statecast::testkit::StateKit kit(statecast::testkit::state_table<GreetingState>(), R"({"limit":3})");
//   EXPECT_EQ(kit.apply({{.type = "Greeted", .subject = "ada"}}).text(), "0: updated ada on greetings/ada\n");
//   EXPECT_EQ(kit.render("ada", "all"), R"({"type":"greeting","name":"ada","count":1})");
//
// A kit makes one instance and destroys it. Whatever the test framework, a call that comes to a status which the
// function has no return value for throws statecast::Failure with it.
#pragma once

#include "testkit/source_kit.hpp"
#include "testkit/state_kit.hpp"
#include "testkit/transport_kit.hpp"
