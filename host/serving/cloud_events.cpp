#include "host/serving/cloud_events.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "host/serving/envelope.hpp"
#include "host/streaming/json.hpp"
#include "plugin-api/include/statecast/written_json.hpp"

namespace statecast::host {

namespace {

using nlohmann::json;

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(json(text).dump());
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

class Collector {
 public:
  void add(const Envelope& event) {
    const std::string extensions = "{" + event.extensions + "}";
    sc_event out{};
    out.size = sizeof out;
    out.time_us = event.time_us;
    out.id = str(event.id);
    out.source = str(event.source);
    out.type = str(event.type);
    out.subject = str(event.subject);
    out.data = str(event.data);
    out.extensions = str(extensions);
    builder_.add(out);
    if (count_ == kEventsARequest) throw Refusal{"more than " + std::to_string(kEventsARequest) + " events in one request: send them in several", 413};
    ++count_;
  }
  PublishedEvents finish() {
    if (builder_.empty()) throw Refusal{"the request holds no event"};
    return {builder_.finish(), 0, {}, {}};
  }
  std::size_t count() const { return count_; }

 private:
  EventBatch::Builder builder_{0, false};
  std::size_t count_ = 0;
};

void add_lines(Collector& out, std::string_view body, std::int64_t now_us) {
  for (std::size_t line = 1; !body.empty(); ++line) {
    const auto end = std::min(body.find('\n'), body.size());
    auto text = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.find_first_not_of(" \t") == text.npos) continue;
    try {
      out.add(read_envelope(text, {now_us, true}));
    } catch (Refusal& refusal) {
      refusal.detail = "line " + std::to_string(line) + ": " + refusal.detail;
      refusal.index = out.count();
      throw;
    }
  }
}

void add_batch(Collector& out, std::string_view body, std::int64_t now_us) {
  const json document = parse_document(body);
  if (!document.is_array()) throw Refusal{"a batch is a JSON array of events"};
  const auto elements = written_elements(body);
  for (std::size_t i = 0; i < document.size(); ++i) {
    try {
      out.add(read_envelope(document[i], elements.at(i), {now_us}));
    } catch (Refusal& refusal) {
      refusal.detail = "event " + std::to_string(i) + ": " + refusal.detail;
      refusal.index = i;
      throw;
    }
  }
}

// HTTP protocol binding 3.1: attributes in ce-* headers, percent-encoded; the body is the data.
void add_binary(Collector& out, const HttpRequest& request, std::int64_t now_us) {
  Envelope event;
  event.time_us = now_us;
  bool versioned = false;
  std::set<std::string_view> seen;
  for (const auto& [header, value] : request.headers) {
    if (!header.starts_with("ce-")) continue;
    if (!seen.insert(header).second) throw Refusal{"the header " + in_quotes(header) + " is there twice"};
    std::string text;
    if (!percent_decode(value, false, text)) throw Refusal{"the header " + in_quotes(header) + " has a broken percent escape"};
    if (!is_utf8(text)) throw Refusal{"the header " + in_quotes(header) + " is not UTF-8"};
    const auto name = header.substr(3);
    versioned = versioned || name == "specversion";
    if (name == "data" || name == "data_base64") throw Refusal{"the header " + in_quotes(header) + " is none: the body is the data"};
    set_attribute(event, name, text);
  }
  if (!versioned) throw Refusal{"the header 'ce-specversion' is missing: send 'ce-specversion: 1.0'"};
  for (const auto& [name, value] : {std::pair{"ce-id", &event.id}, std::pair{"ce-source", &event.source}, std::pair{"ce-type", &event.type}})
    if (value->empty()) throw Refusal{"the header " + in_quotes(name) + " is missing"};
  if (!request.body.empty()) {
    static_cast<void>(parse_document(request.body));
    event.data = request.body;
    check_depth(event.data);
    check_members(event.data, "data");
  }
  check(event);
  out.add(event);
}

void add_request(Collector& out, const HttpRequest& request, std::int64_t now_us) {
  std::string type(request.header("content-type"));
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.pop_back();
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool binary = std::ranges::any_of(request.headers, [](const auto& h) { return h.first.starts_with("ce-"); });
  if (type == "application/cloudevents+json") return out.add(read_envelope(request.body, {now_us}));
  if (type == "application/cloudevents-batch+json") return add_batch(out, request.body, now_us);
  if (type == "application/x-ndjson" || type == "application/jsonl" || type == "application/ndjson") return add_lines(out, request.body, now_us);
  const bool is_json = type == "application/json" || type.ends_with("+json");
  if (binary && (is_json || (type.empty() && request.body.empty()))) return add_binary(out, request, now_us);
  if (type == "application/json") {
    const std::string key(request.header("idempotency-key"));
    if (!is_utf8(key)) throw Refusal{"the header 'idempotency-key' is not UTF-8"};
    return out.add(read_envelope(request.body, {now_us, true, key}));
  }
  throw Refusal{"the media type '" + excerpt(type) +
                    "' is not taken: send application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson or application/json",
                415};
}

template <class Add>
PublishedEvents collect(Add&& add) {
  try {
    Collector out;
    add(out);
    return out.finish();
  } catch (const Refusal& refusal) {
    return {{}, refusal.status, "Nothing was stored: " + refusal.detail + ".", refusal.index};
  }
}

// Reads `digits` decimal digits at `at`, moving it on; false when they are none or out of [low, high].
bool read_number(std::string_view text, std::size_t& at, std::size_t digits, int low, int high, int& out) {
  if (at + digits > text.size()) return false;
  out = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = text[at++];
    if (c < '0' || c > '9') return false;
    out = out * 10 + (c - '0');
  }
  return out >= low && out <= high;
}

bool read_char(std::string_view text, std::size_t& at, std::string_view one_of) {
  return at < text.size() && one_of.find(text[at++]) != one_of.npos;
}

bool read_fraction(std::string_view text, std::size_t& at, std::int64_t& micros) {
  micros = 0;
  if (at >= text.size() || text[at] != '.') return true;
  const auto first = ++at;
  std::int64_t unit = 100'000;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) micros += unit * (text[at] - '0');
  return at > first;
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  std::size_t at = 0;
  int y, mo, d, h, mi, s, oh = 0, om = 0;
  std::int64_t micros = 0;
  const bool date = read_number(text, at, 4, 0, 9999, y) && read_char(text, at, "-") && read_number(text, at, 2, 1, 12, mo) &&
                    read_char(text, at, "-") && read_number(text, at, 2, 1, 31, d) && read_char(text, at, "Tt ");
  const bool time = date && read_number(text, at, 2, 0, 23, h) && read_char(text, at, ":") && read_number(text, at, 2, 0, 59, mi) &&
                    read_char(text, at, ":") && read_number(text, at, 2, 0, 60, s) && read_fraction(text, at, micros) && at < text.size();
  if (!time) return std::nullopt;
  const char zone = text[at++];
  if (zone == '+' || zone == '-') {
    if (!read_number(text, at, 2, 0, 23, oh) || !read_char(text, at, ":") || !read_number(text, at, 2, 0, 59, om)) return std::nullopt;
  } else if (zone != 'Z' && zone != 'z') {
    return std::nullopt;
  }
  const year_month_day day{year(y), month(static_cast<unsigned>(mo)), std::chrono::day(static_cast<unsigned>(d))};
  if (at != text.size() || !day.ok()) return std::nullopt;
  const auto offset = (hours(oh) + minutes(om)) * (zone == '-' ? -1 : 1);
  const auto moment = sys_days(day).time_since_epoch() + hours(h) + minutes(mi) + seconds(s) - offset;
  return duration_cast<microseconds>(moment).count() + micros;
}

PublishedEvents read_published(const HttpRequest& request, std::int64_t now_us) {
  return collect([&](Collector& out) { add_request(out, request, now_us); });
}

PublishedEvents read_published_json(std::string_view text, std::int64_t now_us) {
  return collect([&](Collector& out) { out.add(read_envelope(text, {now_us, true})); });
}

}  // namespace statecast::host
