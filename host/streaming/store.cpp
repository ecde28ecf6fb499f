#include "host/streaming/store.hpp"

#include <pthread.h>

#include <algorithm>
#include <filesystem>

#include "host/ops/log.hpp"
#include "host/streaming/lane.hpp"

namespace statecast::host {

Result<std::unique_ptr<Store>> Store::open(const StoreSettings& settings) {
  std::error_code failed;
  std::filesystem::create_directory(settings.path, failed);
  if (failed)
    return Error{"store: the folder " + settings.path + " cannot be made (" + failed.message() + ")",
                 "let the user that runs statecast write there, or change `store.path`"};
  return std::unique_ptr<Store>(new Store(settings.path));
}

Store::~Store() { stop(); }

Result<StateFile*> Store::add_file(const std::string& name, FileIdentity identity) {
  std::string file = name;
  std::ranges::replace(file, ':', '.');
  auto opened = StateFile::open((std::filesystem::path(folder_) / (file + ".state")).string(),
                                [name](const std::string& text, bool damage) { damage ? log::error(name, text) : log::warning(name, text); },
                                std::move(identity));
  if (!opened) return opened.error();
  files_.push_back(std::move(*opened));
  broken_.emplace_back();
  lost_.emplace_back();
  return files_.back().get();
}

void Store::tell_unused() const {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failed)) {
    const std::string path = entry.path().string();
    if (entry.path().extension() == ".state" && std::ranges::none_of(files_, [&](const auto& file) { return file->path() == path; }))
      log::warning("store", path + ": is not used, since no state of this configuration has this name and number of partitions: what is in it, "
                                   "dead letters too, stays there until one has");
  }
}

void Store::start() {
  thread_ = std::thread([this] { run(); });
}

bool Store::stop(std::chrono::steady_clock::time_point deadline) {
  mailbox_.close();
  if (!thread_.joinable()) return true;
  if (!ended_.try_acquire_until(deadline)) return false;
  thread_.join();
  return true;
}

void Store::run() {
  ::pthread_setname_np(::pthread_self(), "store");
  auto next_look = std::chrono::steady_clock::now() + kLook;
  while (!(mailbox_.closed() && mailbox_.size() == 0)) {
    mailbox_.wait_until(next_look);
    mailbox_.take_poke();
    StoreRequest request;
    while (mailbox_.try_pop(request)) {
      if (turns_([&] { std::visit([this](auto& r) { on(r); }, request); })) continue;
      turns_([&] { std::visit([this](auto& r) { give_up(r); }, request); });
    }
    if (std::chrono::steady_clock::now() < next_look) continue;
    turns_([this] { look_at_files(); });
    turns_(upkeep_);
    next_look = std::chrono::steady_clock::now() + kLook;
  }
  ended_.release();
}

// A lane with nothing to save would not find out.
void Store::look_at_files() {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    std::string lost = files_[lane]->keep_in_place();
    if (lost.empty() != lost_[lane].empty()) lanes_[lane]->post_reply(Saved{.looked = true, .lost = lost});
    lost_[lane] = std::move(lost);
  }
}

// A part that cannot be stored makes the cut fail that follows it.
void Store::on(SaveRows& request) try {
  if (request.rows.first) broken_[request.lane].clear();
  if (broken_[request.lane].empty()) files_[request.lane]->write(request.rows);
} catch (const StoreError& error) {
  broken_[request.lane] = let_go(*files_[request.lane], error);
}

void Store::on(SaveCut& request) {
  PendingSave& save = *request.save;
  StateFile& file = *files_[request.lane];
  save.why = broken_[request.lane];
  try {
    if (save.why.empty()) save.trimmed = file.write(*save.cut);
    if (save.why.empty()) save.why = file.keep_in_place();
  } catch (const StoreError& error) {
    save.why = let_go(file, error);
  }
  if (!save.why.empty()) file.roll_back();
  if (!save.why.empty() && file.wants_all()) save.left = letters_in(file);
  save.done.release();
  lanes_[request.lane]->post_reply(Saved{});
}

// Of a checkpoint that cannot be stored: why. A damaged file would never take one again.
std::string Store::let_go(StateFile& file, const StoreError& error) {
  file.roll_back();
  return error.damaged() ? file.begin_anew(error.what()) : error.what();
}

// The dead letters of a file that was begun anew; those that cannot be read now are found when it is loaded.
std::vector<DeadLetterRef> Store::letters_in(StateFile& file) {
  constexpr std::size_t kPage = 256;
  std::vector<DeadLetterRef> out;
  try {
    for (bool more = true; more;) {
      const auto page = file.dead_letters(out.empty() ? std::nullopt : std::optional(out.back()), kPage);
      for (const DeadLetter& letter : page) out.push_back({letter.epoch, letter.position});
      more = page.size() == kPage;
    }
  } catch (const StoreError& error) {
    log::error("store", error.what());
  }
  return out;
}

void Store::on(SettleStore& request) {
  files_[request.lane]->roll_back();
  request.done->release();
}

void Store::on(FetchHistory& request) {
  Fetched fetched{request.request, {}, {}};
  try {
    fetched.messages = files_[request.lane]->history(request.topic, request.from, request.end, request.limit);
  } catch (const StoreError& error) {
    fetched.why = error.what();
  }
  lanes_[request.lane]->post_reply(std::move(fetched));
}

void Store::on(FetchDeadLetters& request) {
  DeadLetterPage page;
  try {
    for (const auto& [lane, which] : request.named)
      if (auto letter = files_[lane]->dead_letter(which)) page.letters.emplace_back(lane, std::move(*letter));
    for (std::size_t i = 0; i < request.lanes.size() && !page.more; ++i) {
      const auto lane = request.lanes[i];
      // One more than is wanted says that there is more.
      for (DeadLetter& letter : files_[lane]->dead_letters(i == 0 ? request.after : std::nullopt, request.limit - page.letters.size() + 1)) {
        page.more = page.letters.size() == request.limit;
        if (page.more) break;
        page.letters.emplace_back(lane, std::move(letter));
      }
    }
  } catch (const StoreError& error) {
    page.why = error.what();
  }
  request.answer(std::move(page));
}

// ---- after something was thrown

void Store::give_up(SaveRows& request) { broken_[request.lane] = "failed"; }

void Store::give_up(SaveCut& request) {
  files_[request.lane]->roll_back();
  request.save->why = "failed";
  request.save->done.release();
  lanes_[request.lane]->post_reply(Saved{});
}

void Store::give_up(SettleStore& request) { request.done->release(); }

void Store::give_up(FetchHistory& request) { lanes_[request.lane]->post_reply(Fetched{request.request, {}, "failed"}); }

void Store::give_up(FetchDeadLetters& request) { request.answer({{}, false, "the host failed at it"}); }

}  // namespace statecast::host
