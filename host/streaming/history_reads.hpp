// Pages of an appended topic that somebody reads as a value: its messages each under its place and the partition, which
// sorts as the topic grows. The older part comes from the store, and then the answer comes later.
//
// Owned by its lane. At most kUnderWay wait for the store. [lane]
#pragma once

#include <map>

#include "host/streaming/fanout.hpp"
#include "host/streaming/histories.hpp"
#include "host/streaming/older_messages.hpp"

namespace statecast::host {

class HistoryReads {
 public:
  static constexpr std::size_t kUnderWay = 1024;

  HistoryReads(std::uint32_t partition, const Histories& histories, OlderMessages& older, Outbox& outbox)
      : partition_(partition), histories_(histories), older_(older), outbox_(outbox) {}

  // Answers, now or later, with what the view sees of the topic.
  void begin(const ReadValue& request, std::string view);
  std::size_t under_way() const { return reads_.size(); }

 private:
  struct Read {
    std::string topic, view, after_key;
    std::uint32_t limit;
    std::uint64_t next;  // the place to look at
    Value value;
  };
  bool go_on(Read& read);  // true when there is an answer
  void look_at(Read& read, const AppendedMessage& message);
  bool full(const Read& read) const { return read.value.more; }
  void ask(std::uint64_t number, const Read& read, std::uint64_t end);
  void on_older(std::uint64_t number, std::uint64_t end, Fetched& fetched);
  void answer(Value& value) { outbox_.to(value.request.shard).items.emplace_back(std::move(value)); }

  const std::uint32_t partition_;
  const Histories& histories_;
  OlderMessages& older_;
  Outbox& outbox_;
  std::uint64_t numbers_ = 0;
  std::map<std::uint64_t, Read> reads_;
};

}  // namespace statecast::host
