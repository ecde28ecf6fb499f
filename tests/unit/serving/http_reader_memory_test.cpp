// A reader that gets no memory: a program of its own, since it replaces the allocation of all of it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "host/serving/http_reader.hpp"

namespace {

long allowed = -1;  // allocations until there is no memory left; -1 = there is enough

}  // namespace

void* operator new(std::size_t size) {
  if (allowed == 0) throw std::bad_alloc();
  if (allowed > 0) --allowed;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

// Not inline, where the compiler would miss the new that belongs to it.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace statecast::host {
namespace {

TEST(HttpReader, RefusesARequestForWhichThereIsNoMemory) {
  const LimitSettings limits;
  const std::string sent = "POST /a/rather/long/path/with%20an%20escape HTTP/1.1\r\nHost: a.rather.long.name.example.org\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "28\r\n" + std::string(40, 'a') + "\r\n0\r\n\r\n";
  auto step = HttpReader::Step::kRefused;
  long refused = 0;
  for (; step == HttpReader::Step::kRefused && refused < 1000; ++refused) {
    HttpReader reader(limits);
    allowed = refused;
    for (std::string_view rest = sent; !rest.empty();) {
      auto piece = rest.substr(0, 10);
      rest.remove_prefix(piece.size());
      step = reader.take(piece);
    }
    allowed = -1;
    if (step == HttpReader::Step::kRefused) {
      EXPECT_EQ(reader.wrong().status, 503u);
    }
  }
  EXPECT_GT(refused, 5);
  EXPECT_EQ(step, HttpReader::Step::kRequest);
}

}  // namespace
}  // namespace statecast::host
