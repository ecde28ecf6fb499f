#include "host/serving/source_events_api.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <charconv>
#include <cstdio>

#include "host/streaming/cursor.hpp"
#include "host/streaming/json.hpp"

namespace statecast::host {

namespace {

constexpr std::string_view kBefore = "/api/v1/sources/", kBehind = "/events";
constexpr std::uint64_t kLargestPage = 10'000, kLongestWaitS = 60;

std::string cursor_at(const SourceInstance& source, const std::vector<Position>& at) {
  std::string out;
  for (const Position& position : at)
    if (position.hi != 0 || position.lo != 0) append_cursor_entry(out, "*", source.epoch(), whole(position));
  return out;
}

// The positions that a cursor says of this source, one for each partition; those that it does not name are zero.
std::vector<Position> positions_in(const SourceInstance& source, std::string_view name, std::string_view text) {
  std::vector<Position> out(source.partitions());
  for (std::uint32_t i = 0; i < out.size(); ++i) out[i].partition = i;
  const auto cursor = parse_cursor(text);
  if (!cursor) throw Wrong{400, "'" + std::string(name) + "' is no cursor: use one that this host gave, or leave it out to begin with the oldest event."};
  for (const CursorEntry& entry : *cursor) {
    if (entry.epoch != source.epoch() || entry.position.partition >= out.size())
      throw Wrong{410, "'" + std::string(name) + "' is of another history than that of source '" + source.id() + "': leave it out to begin with the oldest event."};
    out[entry.position.partition] = entry.position;
    out[entry.position.partition].ord = 0;
  }
  return out;
}

std::uint64_t number_in(std::string_view name, std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || out < least || out > most)
    throw Wrong{400, "'" + std::string(name) + "' must be a number from " + std::to_string(least) + " to " + std::to_string(most) + "."};
  return out;
}

// How much of the way from the oldest event to `goal` lies behind `at`. Positions need not count events, but they grow.
double progress(const std::vector<Position>& oldest, const std::vector<Position>& at, const std::vector<Position>& goal) {
  double all = 0, behind = 0;
  for (std::size_t i = 0; i < goal.size(); ++i) {
    if (goal[i].hi == 0 || goal[i].hi < oldest[i].hi) continue;
    all += static_cast<double>(goal[i].hi - oldest[i].hi) + 1;
    if (at[i].hi >= oldest[i].hi) behind += static_cast<double>(std::min(at[i].hi, goal[i].hi) - oldest[i].hi) + 1;
  }
  return all == 0 ? 1 : behind / all;
}

}  // namespace

bool SourceEventsApi::is_path(std::string_view path) {
  return path.starts_with(kBefore) && path.ends_with(kBehind) && path.size() > kBefore.size() + kBehind.size();
}

void SourceEventsApi::handle(std::shared_ptr<HttpConnection> connection, const HttpRequest& request, const boost::asio::any_io_executor& shard) try {
  const auto id = request.path.substr(kBefore.size(), request.path.size() - kBefore.size() - kBehind.size());
  Request wanted;
  wanted.source = service_.source(id);
  if (wanted.source == nullptr) throw Wrong{404, "There is no source '" + excerpt(id) + "' here: /api/v1/status names those that there are."};
  // A reader of its own would begin its events anew, and they are kept elsewhere.
  if (wanted.source->plugin().manifest.feeds) throw Wrong{409, "Source '" + excerpt(id) + "' keeps no events: ask for the source that it feeds ('into' in its settings)."};
  SourcePages::Wanted page;
  page.source = wanted.source;
  page.after.resize(wanted.source->partitions());
  for (std::uint32_t i = 0; i < page.after.size(); ++i) page.after[i].partition = i;
  for (const QueryParameter& parameter : parse_query(request.query)) {
    if (parameter.name == "after") page.after = positions_in(*wanted.source, "after", parameter.value);
    else if (parameter.name == "until") page.until = positions_in(*wanted.source, "until", parameter.value);
    else if (parameter.name == "limit") wanted.limit = number_in("limit", parameter.value, 1, kLargestPage);
    else if (parameter.name == "wait") wanted.wait_s = number_in("wait", parameter.value, 0, kLongestWaitS);
    else if (parameter.name == "follow") wanted.follow = parameter.value == "true";
  }
  if (wanted.follow) page.until.clear();
  else if (page.until.empty()) page.until = SourcePages::newest(*wanted.source);
  wanted.until = page.until;
  page.events = wanted.limit;
  page.wait = std::chrono::seconds(wanted.wait_s);
  const auto number = ++next_number_;
  const bool reading = service_.pages().read(std::move(page), [this, number, shard](SourcePages::Page read) { post_page(number, std::move(read), shard); });
  if (!reading)
    throw Wrong{503, "So many pages are read at once (" + std::to_string(SourcePages::kAtOnce) + ") and no more, and none while the host stops: try again."};
  wanted.connection = std::move(connection);
  requests_.emplace(number, std::move(wanted));
} catch (const Wrong& wrong) {
  connection->respond(answer_to(wrong));
}

// From the page's thread to the shard; at most kAtOnce are under way. [source]
void SourceEventsApi::post_page(std::uint64_t number, SourcePages::Page page, const boost::asio::any_io_executor& shard) {
  boost::asio::post(shard, [this, number, page = std::move(page)]() mutable { on_page(number, std::move(page)); });
}

void SourceEventsApi::on_page(std::uint64_t number, SourcePages::Page page) {
  auto node = requests_.extract(number);
  const Request& request = node.mapped();
  if (page.status == SC_GONE)
    return request.connection->respond(problem(410, "Events after this place are no longer held by source '" + request.source->id() + "' (" + page.why + "): leave 'after' out to begin with the oldest."));
  if (page.status != SC_OK) {
    auto response = problem(503, "Source '" + request.source->id() + "' cannot be read (" + page.why + "): try again.");
    response.headers.emplace_back("Retry-After", "1");
    return request.connection->respond(std::move(response));
  }
  HttpResponse response{200, "application/x-ndjson", std::move(page.lines), {}};
  const auto goal = request.follow ? SourcePages::newest(*request.source) : request.until;
  char text[16];
  std::snprintf(text, sizeof text, "%.4f", progress(SourcePages::oldest(*request.source), page.at, goal));
  response.headers.emplace_back("Statecast-Progress", text);
  if (const auto cursor = cursor_at(*request.source, page.at); !cursor.empty()) response.headers.emplace_back("Statecast-Cursor", cursor);
  const bool more = request.follow || (page.events != 0 && !SourcePages::reached(page.at, request.until));
  if (more) response.headers.emplace_back("Link", "<" + next_page(request, page) + ">; rel=\"next\"");
  request.connection->respond(std::move(response));
}

// Ids and cursors need no percent-encoding.
std::string SourceEventsApi::next_page(const Request& request, const SourcePages::Page& page) {
  std::string out = std::string(kBefore) + request.source->id() + std::string(kBehind) + "?limit=" + std::to_string(request.limit) +
                    "&wait=" + std::to_string(request.wait_s);
  if (const auto after = cursor_at(*request.source, page.at); !after.empty()) out += "&after=" + after;
  return out + (request.follow ? "&follow=true" : "&until=" + cursor_at(*request.source, request.until));
}

}  // namespace statecast::host
