// append_floor: what the disk allows. Appends records of one size to a file, so many and one fdatasync, over and over,
// and tells as one JSON object how many became durable in how many seconds.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>
#include <system_error>

namespace {

void check(bool good, const std::string& what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

int main(int argc, char** argv) try {
  std::string file;
  std::size_t record_bytes = 300, records = 1;
  double seconds = 2;
  CLI::App app("Appends to a file with one fdatasync a batch");
  app.add_option("--file", file)->required();
  app.add_option("--record-bytes", record_bytes);
  app.add_option("--records", records, "records a batch");
  app.add_option("--seconds", seconds);
  CLI11_PARSE(app, argc, argv);

  const std::string batch(record_bytes * records, 'x');
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  check(fd >= 0, file);
  const auto begin = std::chrono::steady_clock::now();
  std::chrono::duration<double> taken{};
  std::size_t batches = 0;
  for (; taken.count() < seconds; ++batches) {
    check(::write(fd, batch.data(), batch.size()) == static_cast<::ssize_t>(batch.size()), "write");
    check(::fdatasync(fd) == 0, "fdatasync");
    taken = std::chrono::steady_clock::now() - begin;
  }
  ::close(fd);
  std::printf(R"({"counted":%zu,"seconds":%.6f,"batches":%zu})"
              "\n", batches * records, taken.count(), batches);
} catch (const std::exception& error) {
  std::fprintf(stderr, "append_floor: %s\n", error.what());
  return 1;
}
