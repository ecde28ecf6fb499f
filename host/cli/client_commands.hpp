// The commands that speak to a running host: tail, publish, record, dead-letters. Each returns the exit status of the process. [main]
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace statecast::host {

struct ServerOptions {
  std::string url = "http://127.0.0.1:8080";
  std::string token;
};

struct TailOptions {
  ServerOptions server;
  std::vector<std::string> topics;
  bool json = false, once = false;
  std::string color = "auto";           // auto, always, never
  std::string cursor;
  std::uint64_t messages = 0;           // 0 = without end
  std::chrono::milliseconds silence{60'000};
};

struct PublishOptions {
  ServerOptions server;
  std::string file;                     // "-" = standard input; empty = one event, by the options below
  std::string type, subject, data, id;  // data: JSON, or @file
  std::chrono::milliseconds wait{0}, timeout{60'000};
  std::uint64_t from_line = 1;
};

struct RecordOptions {
  ServerOptions server;
  std::string admin = "http://127.0.0.1:9180";
  std::string file;                     // "-" = standard output
  std::string source;                   // either a source,
  std::vector<std::string> topics;      // or topics
  std::vector<std::string> types;       // of a source's events; empty = all
  bool follow = false, replace = false;
  std::chrono::milliseconds duration{0};  // 0 = without end
  std::uint64_t events = 0;
};

struct DeadLettersOptions {
  enum class Action { kList, kShow, kRedeliver, kDrop } action = Action::kList;
  std::string admin = "http://127.0.0.1:9180";
  std::string state;                    // empty = of all states
  std::vector<std::string> letters;     // by their names
  bool all = false, json = false;
  std::uint64_t letters_at_most = 0;    // 0 = all
};

// Prints the messages of topics as they come, until Ctrl-C.
int tail_command(const TailOptions& options);

// Publishes one event, or those of a file.
int publish_command(const PublishOptions& options);

// Writes events, or messages, to a file from which they can be published again.
int record_command(const RecordOptions& options);

// Lists and shows the events that states rejected, has them folded again, or drops them.
int dead_letters_command(const DeadLettersOptions& options);

// The options of these commands on the command line, and which of them was called. Outlives the parsing.
class ClientCommands {
 public:
  explicit ClientCommands(CLI::App& app);

  // The exit status of the one that was called; -1 when it was none of these.
  int run() const;

 private:
  void add_tail(CLI::App& app);
  void add_publish(CLI::App& app);
  void add_record(CLI::App& app);
  void add_dead_letters(CLI::App& app);

  CLI::App *tail_ = nullptr, *publish_ = nullptr, *record_ = nullptr, *dead_letters_ = nullptr;
  TailOptions tail_options_;
  PublishOptions publish_options_;
  RecordOptions record_options_;
  DeadLettersOptions dead_letters_options_;
};

}  // namespace statecast::host
