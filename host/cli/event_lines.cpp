#include "host/cli/event_lines.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <random>
#include <statecast/written_json.hpp>
#include <system_error>

#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr std::string_view kSpace = " \t\r\n";

bool is_blank(std::string_view line) { return line.find_first_not_of(kSpace) == line.npos; }

}  // namespace

std::string random_tag() {
  std::random_device random;
  std::string out;
  for (int i = 0; i < 16; ++i) out += "0123456789abcdef"[random() % 16];
  return out;
}

std::string go_on_from(std::size_t line) {
  return "correct it and go on with --from-line " + std::to_string(line) + ": the lines before are published";
}

Result<EventLine> event_line(std::size_t number, std::string text, const std::string& run) {
  text.resize(text.find_last_not_of(kSpace) + 1);
  nlohmann::json event;
  try {
    event = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return Error{"not valid JSON at byte " + std::to_string(error.byte) + ": " + excerpt(text), ""};
  } catch (const nlohmann::json::out_of_range&) {
    return Error{"a number is too large to be represented: " + excerpt(text), ""};
  }
  if (!event.is_object()) return Error{"an event is a JSON object; this is " + std::string(event.type_name()), ""};
  EventLine line{number, std::move(text), event.contains("id") && !event["id"].is_null()};
  // A CloudEvent without an id is for the host to refuse.
  if (line.id_given || event.contains("specversion") || event.empty()) return line;
  const std::string id = "\"" + run + "-" + std::to_string(number) + "\"";
  if (const auto null = written_member(line.text, "id")) {
    line.text.replace(static_cast<std::size_t>(null->data() - line.text.data()), null->size(), id);
    return line;
  }
  line.text.pop_back();
  line.text += ",\"id\":" + id + "}";
  return line;
}

EventLines::EventLines(client::ClientLoop& loop, int descriptor, std::string name, std::size_t from)
    : loop_(loop), descriptor_(descriptor), name_(std::move(name)), run_(random_tag()), from_(from) {}

Result<std::vector<EventLine>> EventLines::next() {
  if (wrong_) return *wrong_;
  std::vector<EventLine> batch;
  std::size_t bytes = 0;
  while (batch.size() < kEventsABatch && bytes < kBytesABatch) {
    // What has come is not held back for what has not.
    if (!batch.empty() && !more_is_there()) break;
    std::string text;
    const auto taken = take_line(text);
    if (!taken) return after_batch(std::move(batch), taken.error());
    if (*taken == Taken::kEnd) break;
    if (*taken == Taken::kNothingYet) continue;
    ++lines_;
    if (lines_ < from_ || is_blank(text)) continue;
    auto line = event_line(lines_, std::move(text), run_);
    if (!line) return after_batch(std::move(batch), {place(lines_) + ": " + line.error().what, go_on_from(lines_)});
    bytes += line->text.size() + 1;
    batch.push_back(std::move(*line));
  }
  return batch;
}

// The events before a line that is wrong are as good as any: they come first.
Result<std::vector<EventLine>> EventLines::after_batch(std::vector<EventLine> batch, Error error) {
  if (batch.empty()) return error;
  wrong_ = std::move(error);
  return batch;
}

Result<EventLines::Taken> EventLines::take_line(std::string& line) {
  if (loop_.ended()) return Taken::kEnd;
  const auto end = buffer_.find('\n', at_);
  if (end != buffer_.npos || (end_ && at_ < buffer_.size())) {
    line = buffer_.substr(at_, end == buffer_.npos ? end : end - at_);
    at_ = end == buffer_.npos ? buffer_.size() : end + 1;
    // A file may begin with a byte order mark; the JSON in it may not (RFC 8259 8.1).
    if (lines_ == 0 && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
    return Taken::kLine;
  }
  if (end_) return Taken::kEnd;
  buffer_.erase(0, at_);
  at_ = 0;
  if (buffer_.size() > kLineAtMost) return Error{place(lines_ + 1) + ": the line is longer than 16 MiB", "see that this is a recording, with one event a line"};
  const auto more = fill();
  if (!more) return more.error();
  end_ = !*more;
  return Taken::kNothingYet;
}

Result<bool> EventLines::fill() {
  if (!loop_.await_readable(descriptor_)) return false;
  const auto before = buffer_.size();
  buffer_.resize(before + kPiece);
  const ::ssize_t n = ::read(descriptor_, buffer_.data() + before, kPiece);
  const int error = errno;
  buffer_.resize(before + static_cast<std::size_t>(std::max<::ssize_t>(n, 0)));
  if (n < 0 && error != EINTR && error != EAGAIN)
    return Error{name_ + ": cannot be read: " + std::generic_category().message(error), ""};
  bytes_read_ += static_cast<std::uint64_t>(std::max<::ssize_t>(n, 0));
  return n != 0;
}

// Whether the next line can be taken, or found to be the end, without a wait.
bool EventLines::more_is_there() const {
  if (end_ || buffer_.find('\n', at_) != buffer_.npos) return true;
  pollfd waiting{descriptor_, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace statecast::host
