#include "plugins/states/delivery/location_reader.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <statecast/plain_json.hpp>

#include "plugins/states/rejection.hpp"

namespace statecast::delivery {
namespace {

namespace sj = simdjson::ondemand;

struct Coordinate {
  std::string_view name, member;  // member: up to its value
  double least, most;
  bool required;  // a device that stands still knows no heading
  const char* refusal;
};

constexpr const char* kUnreadable = "data is no JSON that can be read";
constexpr double kNoBound = std::numeric_limits<double>::max();

constexpr std::array kCoordinates{
    Coordinate{"latitude", R"(,"latitude":)", -90, 90, true, "data.latitude must be a number from -90 to 90"},
    Coordinate{"longitude", R"(,"longitude":)", -180, 180, true, "data.longitude must be a number from -180 to 180"},
    Coordinate{"heading", R"(,"heading":)", 0, 360, false, "data.heading must be a number from 0 to 360"},
    Coordinate{"speed", R"(,"speed":)", 0, kNoBound, false, "data.speed must be a number of at least 0"},
};

template <class T>
T need(simdjson::simdjson_result<T> result) {
  T value;
  if (std::move(result).get(value)) throw Rejection(kUnreadable);
  return value;
}

// A scalar's text reaches to the next token.
std::string_view trimmed(std::string_view text) { return text.substr(0, text.find_last_not_of(" \t\r\n") + 1); }

std::string_view text_of(sj::value& value) {
  switch (need(value.type())) {
    case sj::json_type::object:
      return trimmed(need(need(value.get_object()).raw_json()));
    case sj::json_type::array:
      return trimmed(need(need(value.get_array()).raw_json()));
    default:
      return trimmed(value.raw_json_token());
  }
}

// The name as it was written, its escapes untouched.
std::string_view key_text(const sj::field& field) {
  const char* const begin = field.key().raw();
  const char* end = begin;
  while (*end != '"') end += *end == '\\' ? 2 : 1;
  return {begin, static_cast<std::size_t>(end - begin)};
}

// Whether a plain number lies between the bounds, by its whole part alone: one near a bound is for number_of.
bool is_surely_within(std::string_view number, const Coordinate& coordinate) {
  const bool negative = number.starts_with('-');
  std::uint32_t whole = 0;
  const char* const end = number.data() + number.size();
  if (std::from_chars(number.data() + (negative ? 1 : 0), end, whole).ec != std::errc()) return false;
  return negative ? -(whole + 1.0) >= coordinate.least : whole + 1.0 <= coordinate.most;
}

std::string_view number_of(sj::value& value, const Coordinate& coordinate) {
  const std::string_view text = trimmed(value.raw_json_token());
  double number = 0;
  if (value.get_double().get(number) || number < coordinate.least || number > coordinate.most)
    throw Rejection(coordinate.refusal);
  return text;
}

void check_driver(std::string_view driver, sj::value& value) {
  std::string_view id;
  if (value.get_string().get(id) || id != driver)
    throw Rejection("data.driverId must be the event's subject, or absent");
}

}  // namespace

struct LocationReader::Found {
  std::array<std::string_view, kCoordinates.size()> numbers{};
};

LocationReader::LocationReader() : padded_(kMaxLocationBytes + simdjson::SIMDJSON_PADDING, ' ') {}

std::string_view LocationReader::read(std::string_view driver, std::string_view data) {
  if (data.size() > kMaxLocationBytes) throw Rejection("data is larger than 4 KiB");
  Found found;
  if (!read_plain(driver, data, found)) read_any(driver, data, found = {});
  write(found);
  return location_;
}

// Nearly all locations, which have nothing that would have to be refused either.
bool LocationReader::read_plain(std::string_view driver, std::string_view data, Found& found) {
  others_.clear();
  PlainJson json(data);
  return json.take_members([&](std::string_view name, PlainJson& value) { return take_plain(driver, name, value, found); }) && json.ends();
}

bool LocationReader::take_plain(std::string_view driver, std::string_view name, PlainJson& value, Found& found) {
  std::string_view written;
  if (name == "driverId") return value.take_text(written) && written == driver;
  if (!value.take_scalar(written)) return false;
  for (std::size_t i = 0; i < kCoordinates.size(); ++i) {
    if (name != kCoordinates[i].name) continue;
    found.numbers[i] = written;
    return is_surely_within(written, kCoordinates[i]);
  }
  if (written != "null") add_other(name, written);
  return true;
}

void LocationReader::read_any(std::string_view driver, std::string_view data, Found& found) {
  others_.clear();
  data.copy(padded_.data(), data.size());
  auto document = need(parser_.iterate(padded_.data(), data.size(), padded_.size()));
  sj::object object;
  const auto error = document.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) throw Rejection("data must be an object");
  if (error) throw Rejection(kUnreadable);
  for (auto field : object) {
    sj::field one = need(std::move(field));
    take(driver, one, found);
  }
}

void LocationReader::take(std::string_view driver, sj::field& field, Found& found) {
  const std::string_view written = key_text(field);
  const std::string_view name = need(field.unescaped_key());
  sj::value value = field.value();
  for (std::size_t i = 0; i < kCoordinates.size(); ++i) {
    if (name != kCoordinates[i].name) continue;
    const bool absent = !kCoordinates[i].required && trimmed(value.raw_json_token()) == "null";
    found.numbers[i] = absent ? std::string_view() : number_of(value, kCoordinates[i]);
    return;
  }
  if (name == "driverId") return check_driver(driver, value);
  const std::string_view text = text_of(value);
  if (text != "null") add_other(written, text);
}

void LocationReader::add_other(std::string_view name, std::string_view text) {
  others_.append(",\"").append(name).append("\":").append(text);
}

void LocationReader::write(const Found& found) {
  location_.clear();
  for (std::size_t i = 0; i < kCoordinates.size(); ++i) {
    if (!found.numbers[i].empty())
      location_.append(kCoordinates[i].member).append(found.numbers[i]);
    else if (kCoordinates[i].required)
      throw Rejection("data." + std::string(kCoordinates[i].name) + " is missing");
  }
  location_.append(others_).append("}");
  location_.front() = '{';  // for the first comma
}

}  // namespace statecast::delivery
