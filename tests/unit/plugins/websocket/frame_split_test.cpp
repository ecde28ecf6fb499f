// However a client's bytes are cut into pieces, they mean the same: shown with streams that are made at random, from
// fixed seeds, of good frames, broken frames and noise.
#include <gtest/gtest.h>

#include <random>

#include "client_frames.hpp"

namespace statecast::websocket {
namespace {

constexpr std::uint32_t kMaxMessage = 300;

class Streams {
 public:
  explicit Streams(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  // Up to eight frames, in one stream of four damaged at one place.
  std::string next() {
    std::string stream;
    for (std::size_t n = 1 + below(8); n > 0; --n) stream += frame();
    if (below(4) == 0) stream[below(stream.size())] = static_cast<char>(below(256));
    return stream;
  }

  std::string noise() {
    std::string stream(1 + below(40), '\0');
    for (char& c : stream) c = static_cast<char>(below(256));
    return stream;
  }

 private:
  std::string frame() {
    switch (below(8)) {
      case 0:
        return client_ping(payload(125));
      case 1:
        return client_pong(payload(10));
      case 2:
        return client_close(static_cast<int>(below(5000)), payload(20));
      case 3:
        return client_frame(0x01, payload(60));
      case 4:
        return client_frame(0x00, payload(60));
      case 5:
        return client_frame(0x80, payload(200));
      case 6:
        return client_frame(static_cast<int>(below(256)), payload(130));
      default:
        return client_text(payload(200));
    }
  }

  std::string payload(std::size_t most) {
    static constexpr std::string_view kPieces[] = {"a", "{\"x\":1}", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x9A\x80"};
    std::string text;
    for (std::size_t n = below(most); text.size() < n;) text += kPieces[below(std::size(kPieces))];
    if (below(16) == 0) text.push_back(static_cast<char>(0x80 + below(128)));
    return text;
  }

  std::mt19937 random_;
};

// All that came of a stream, as text, to its end or its first violation.
template <class PieceSize>
std::string transcript(std::string_view stream, PieceSize piece_size) {
  FrameReader reader;
  std::string told;
  try {
    while (!stream.empty()) {
      std::string_view in = stream.substr(0, piece_size());
      stream.remove_prefix(in.size());
      while (const auto inbound = reader.next(in, kMaxMessage)) {
        told += std::to_string(static_cast<int>(inbound->kind)) + ' ' + std::to_string(inbound->code) + ' ' +
                inbound->payload + '\n';
      }
    }
  } catch (const Violation& violation) {
    told += std::to_string(violation.code()) + " " + violation.what();
  }
  return told;
}

void expect_same_in_any_pieces(const std::string& stream, Streams& random) {
  const std::string whole = transcript(stream, [&] { return stream.size(); });
  ASSERT_EQ(transcript(stream, [] { return 1; }), whole);
  ASSERT_EQ(transcript(stream, [&] { return 1 + random.below(20); }), whole);
}

TEST(FrameSplit, FramesMeanTheSameInAnyPieces) {
  Streams random(20231220);
  for (int i = 0; i < 40'000 && !HasFatalFailure(); ++i) expect_same_in_any_pieces(random.next(), random);
}

TEST(FrameSplit, NoiseMeansTheSameInAnyPieces) {
  Streams random(6455);
  for (int i = 0; i < 60'000 && !HasFatalFailure(); ++i) expect_same_in_any_pieces(random.noise(), random);
}

}  // namespace
}  // namespace statecast::websocket
