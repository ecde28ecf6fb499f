// Keeps the lanes' checkpoints, older messages and dead letters in a folder, one file a lane, through one thread, so that no
// lane waits for a disk. A lane hands over a checkpoint in parts and is told when it is durable; a disk that fails or hangs
// delays checkpoints, never events.
//
// Owned by StreamService. Requests of one lane are done in order.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "host/config/settings.hpp"
#include "host/ops/turn_guard.hpp"
#include "host/streaming/mailbox.hpp"
#include "host/streaming/messages.hpp"
#include "host/streaming/state_file.hpp"

namespace statecast::host {

class Lane;

// A checkpoint on its way to the disk: shared by the lane, which may wait, and the store.
struct PendingSave {
  std::string why;                     // it failed; empty = it is durable
  std::unique_ptr<CheckpointCut> cut;
  std::vector<SavedTopic> trimmed;     // messages that went because of their age
  std::optional<std::vector<DeadLetterRef>> left;  // the file was damaged and has nothing but these: it wants everything
  std::binary_semaphore done{0};       // what stands before is the store's until then
};

struct SaveRows {
  std::uint16_t lane = 0;
  CheckpointRows rows;
};
struct SaveCut {
  std::uint16_t lane = 0;
  std::shared_ptr<PendingSave> save;
};
struct SettleStore {  // all that was asked before is done; rows without a cut are forgotten
  std::uint16_t lane = 0;
  std::shared_ptr<std::binary_semaphore> done;
};
struct FetchHistory {
  std::uint16_t lane = 0;
  std::uint64_t request = 0;  // the lane's own number for it
  std::string topic;
  std::uint64_t from = 0, end = 0;
  std::uint32_t limit = 0;
};
struct DeadLetterPage {
  std::vector<std::pair<std::uint16_t, DeadLetter>> letters;  // each with its lane
  bool more = false;
  std::string why;  // they could not be read
};
struct FetchDeadLetters {
  // Either those that are named, or a page: of these lanes in this order, after `after` of the first of them.
  std::vector<std::pair<std::uint16_t, DeadLetterRef>> named;
  std::vector<std::uint16_t> lanes;
  std::optional<DeadLetterRef> after;
  std::size_t limit = 0;
  std::function<void(DeadLetterPage)> answer;  // called on the store's thread
};
using StoreRequest = std::variant<std::monostate, SaveRows, SaveCut, SettleStore, FetchHistory, FetchDeadLetters>;

class Store {
 public:
  // Makes sure of the folder. [main]
  static Result<std::unique_ptr<Store>> open(const StoreSettings& settings);
  ~Store();

  // The file of a lane that is to be made next; `name` is "orders" or "orders:1:4". [main]
  Result<StateFile*> add_file(const std::string& name, FileIdentity identity = {});
  // Says in the log which files are of no lane that was added. [main]
  void tell_unused() const;
  // Whom to tell. Before start(). [main]
  void add_lane(Lane& lane) { lanes_.push_back(&lane); }

  // What is to be done on the store's thread about once a second, for it may hang in the disk. Before start(). [main]
  void set_upkeep(std::function<void()> upkeep) { upkeep_ = std::move(upkeep); }

  void start();
  // Does what waits, and ends. False when the disk does not return from a call by then. [main]
  bool stop(std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + std::chrono::hours(1));

  // Hands over a request; false when too many wait, and then it is untouched. [lane, shard]
  bool post(StoreRequest& request) { return mailbox_.try_push(request); }

  StateFile& file(std::uint16_t lane) { return *files_[lane]; }
  std::size_t waiting() const { return mailbox_.size(); }  // [any]

 private:
  static constexpr std::size_t kRequests = 1024;
  static constexpr std::chrono::seconds kLook{1};  // between two looks at the files

  explicit Store(std::string folder) : folder_(std::move(folder)) {}
  void run();
  void look_at_files();
  void on(std::monostate&) {}
  void on(SaveRows& request);
  void on(SaveCut& request);
  void on(SettleStore& request);
  void on(FetchHistory& request);
  void on(FetchDeadLetters& request);
  // The same after something was thrown: whoever waits is answered.
  void give_up(std::monostate&) {}
  void give_up(SaveRows& request);
  void give_up(SaveCut& request);
  void give_up(SettleStore& request);
  void give_up(FetchHistory& request);
  void give_up(FetchDeadLetters& request);
  static std::string let_go(StateFile& file, const StoreError& error);
  static std::vector<DeadLetterRef> letters_in(StateFile& file);

  const std::string folder_;
  std::vector<std::unique_ptr<StateFile>> files_;  // by lane
  std::vector<Lane*> lanes_;
  std::vector<std::string> broken_;  // by lane: why the checkpoint under way cannot be stored; empty = it can
  std::vector<std::string> lost_;    // by lane: why its file was not in its place at the last look
  Mailbox<StoreRequest> mailbox_{kRequests};
  TurnGuard turns_{ThreadRole::kStore, "store"};
  std::binary_semaphore ended_{0};
  std::thread thread_;
  std::function<void()> upkeep_ = [] {};  // what set_upkeep said
};

}  // namespace statecast::host
