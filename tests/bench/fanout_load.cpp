// fanout_load: streaming clients of one server, and messages published to it at a fixed rate. Counts what each client got,
// exactly, and tells as one JSON object what was missing, how long messages took, and what time the server had on a core.
// Keeps its connections until its standard input ends, so that the server can be looked at meanwhile.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "tests/bench/load/load.hpp"

int main(int argc, char** argv) try {
  using statecast::bench::Form;
  statecast::bench::LoadOptions options;
  bool websocket = false;
  CLI::App app("Streams from a server to many clients, and publishes to it");
  app.add_option("--port", options.port)->required();
  app.add_option("--server", options.server, "the server's process; its children count as well")->required();
  app.add_flag("--websocket", websocket, "in place of SSE");
  app.add_option("--clients", options.clients);
  app.add_option("--slow", options.slow, "clients that stop reading once they are subscribed");
  app.add_option("--topics", options.topics)->check(CLI::Range(1, 999'999));
  app.add_option("--first-topic", options.first_topic, "their numbers begin here: for a second load on one server");
  app.add_option("--each", options.each, "topics that a client follows");
  app.add_option("--stream", options.stream, "the target that clients ask for, up to its topics")->required();
  app.add_option("--topic", options.topic, "a topic in it, with {topic}")->required();
  app.add_option("--publish", options.publish, "the target that is published to, with {topic} if need be")->required();
  app.add_option("--type", options.type, "the media type of what is published")->required();
  app.add_option("--body", options.body, "what is published, with {topic} and {number}")->required();
  app.add_option("--rate", options.rate, "messages a second");
  app.add_option("--warm-up", options.warm_up, "messages before those that count");
  app.add_option("--messages", options.messages, "messages that count; none: only subscribe");
  CLI11_PARSE(app, argc, argv);
  options.form = websocket ? Form::websocket : Form::sse;
  statecast::bench::Load load(options);
  load.run();
  load.print();
  for (char byte; ::read(STDIN_FILENO, &byte, 1) > 0;) {
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "fanout_load: %s\n", error.what());
  return 1;
}
