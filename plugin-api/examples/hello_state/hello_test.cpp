// Tests the State as the host would call it, with the SDK's test kit and no test framework.
#include <cstdlib>
#include <iostream>
#include <statecast/testkit.hpp>

#include "greeting_state.hpp"

namespace {

void expect(bool what_should_be, const char* sentence) {
  if (what_should_be) return;
  std::cerr << "not so: " << sentence << '\n';
  std::exit(EXIT_FAILURE);
}

}  // namespace

int main() {
  statecast::testkit::StateKit kit(statecast::testkit::state_table<GreetingState>(), "{}");
  const auto reported =
      kit.apply({{.type = "Greeted", .subject = "ada"}, {.type = "Greeted", .subject = "ada"}, {.type = "Greeted"}});

  expect(reported.changes[0].topics == std::vector<std::string>{"greetings/ada", "greetings/all"},
         "a greeting goes to two topics");
  expect(reported.rejections() == std::vector<std::string>{"subject: must be a name, of a-z and A-Z"},
         "a greeting of nobody is rejected");
  expect(kit.render("ada", "all") == R"({"type":"greeting","name":"ada","count":2})", "greetings are counted");
  expect(kit.list("greetings/all") == std::vector<std::string>{"ada"}, "a snapshot holds every name");
}
