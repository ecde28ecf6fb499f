#include "plugins/sources/simulator/agenda.hpp"

#include <gtest/gtest.h>

#include <string>

namespace statecast::simulator {
namespace {

TEST(Agenda, DoesThingsInTheOrderOfTheirMoments) {
  Agenda agenda;
  std::string done;
  agenda.at(30, [&] { done += 'c'; });
  agenda.at(10, [&] { done += 'a'; });
  agenda.at(20, [&] { done += 'b'; });
  while (!agenda.empty()) agenda.do_next();
  EXPECT_EQ(done, "abc");
  EXPECT_EQ(agenda.now(), 30);
}

TEST(Agenda, DoesThingsOfOneMomentInTheOrderInWhichTheyWereEntered) {
  Agenda agenda;
  std::string done;
  for (char c = 'a'; c <= 'z'; ++c) agenda.at(5, [&done, c] { done += c; });
  while (!agenda.empty()) agenda.do_next();
  EXPECT_EQ(done, "abcdefghijklmnopqrstuvwxyz");
}

TEST(Agenda, NeverGoesBack) {
  Agenda agenda;
  agenda.at(50, [&] { agenda.at(10, [] {}); });
  agenda.do_next();
  agenda.do_next();
  EXPECT_EQ(agenda.now(), 50);
}

}  // namespace
}  // namespace statecast::simulator
