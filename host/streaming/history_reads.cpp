#include "host/streaming/history_reads.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace statecast::host {

namespace {

std::string key_of(std::uint64_t place, std::uint32_t partition) {
  char name[40];
  std::snprintf(name, sizeof name, "%020llu-%u", static_cast<unsigned long long>(place), partition);
  return name;
}

// The first place that may come after a key; another partition may have a message of the key's own place.
std::uint64_t place_after(std::string_view key) {
  std::uint64_t place = 0;
  std::from_chars(key.data(), key.data() + key.size(), place);
  return place;
}

}  // namespace

void HistoryReads::begin(const ReadValue& request, std::string view) {
  Read read{request.topic, std::move(view), request.after_key, request.limit, place_after(request.after_key),
            Value{request.request, SC_OK, {}, {}, false, {}}};
  if (go_on(read)) return answer(read.value);
  if (reads_.size() >= kUnderWay) {
    read.value.status = SC_FAILED;
    read.value.text = "too many wait for older messages: try again later";
    return answer(read.value);
  }
  const auto number = ++numbers_;
  const auto [made, ignored] = reads_.emplace(number, std::move(read));
  ask(number, made->second, histories_.find(request.topic)->resident());
}

// Looks at what is in memory from the next place on.
bool HistoryReads::go_on(Read& read) {
  const TopicHistory* history = histories_.find(read.topic);
  if (history == nullptr || full(read)) return true;
  read.next = std::max(read.next, history->first());
  if (read.next < history->resident()) return false;
  for (; read.next < history->end() && !full(read); ++read.next) look_at(read, *history->at(read.next));
  return true;
}

void HistoryReads::look_at(Read& read, const AppendedMessage& message) {
  if (!(message.view.empty() || message.view == read.view)) return;
  std::string key = key_of(read.next, partition_);
  Value& value = read.value;
  if (key <= read.after_key) return;
  value.more = value.items.size() == read.limit;
  if (value.more) value.last = value.items.back().first;
  else value.items.emplace_back(std::move(key), message.json);
}

void HistoryReads::ask(std::uint64_t number, const Read& read, std::uint64_t end) {
  older_.ask(read.topic, read.next, end, [this, number, end](Fetched& fetched) { on_older(number, end, fetched); });
}

void HistoryReads::on_older(std::uint64_t number, std::uint64_t end, Fetched& fetched) {
  const auto found = reads_.find(number);
  Read& read = found->second;
  for (const SavedMessage& saved : fetched.messages) {
    if (full(read)) break;
    read.next = saved.at;
    look_at(read, *saved.message);
    read.next = saved.at + 1;
  }
  if (fetched.messages.empty()) read.next = end;  // trimmed meanwhile
  if (!fetched.why.empty()) {
    read.value.status = SC_FAILED;
    read.value.text = "older messages cannot be read: try again later";
  } else if (!go_on(read)) {
    return ask(number, read, histories_.find(read.topic)->resident());
  }
  answer(read.value);
  reads_.erase(found);
}

}  // namespace statecast::host
