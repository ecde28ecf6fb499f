// Memory that is refused when a test says so: takes the place of the program's operator new.
//
// The environment's NO_MEMORY names a file of one Control, which the test and the program share. Plugins always get theirs: what
// they throw is another guard's, and nlohmann/json (3.11) asks for memory in a destructor, out of which nothing may be thrown.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

struct Control {
  char thread[16];                   // only in threads whose name begins so; empty = nowhere
  std::atomic<std::uint64_t> asked;  // how often such a thread has asked for memory since the test set it to 0
  std::atomic<std::uint64_t> refuse; // which of these is refused, 1 = the first; 0 = none
};

Control* open_control() {
  const char* path = std::getenv("NO_MEMORY");
  const int fd = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return nullptr;
  void* const there = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  return there == MAP_FAILED ? nullptr : static_cast<Control*>(there);
}

Control* const control = open_control();

bool is_plugin(const void* caller) {
  Dl_info library{};
  return ::dladdr(caller, &library) != 0 && library.dli_fname != nullptr && std::strstr(library.dli_fname, "/plugins/") != nullptr;
}

bool is_refused(const void* caller) {
  if (control == nullptr || control->thread[0] == '\0') return false;
  char name[16] = "";
  ::prctl(PR_GET_NAME, name);
  if (std::strncmp(name, control->thread, std::strlen(control->thread)) != 0 || is_plugin(caller)) return false;
  return control->asked.fetch_add(1) + 1 == control->refuse.load();
}

void* take(std::size_t n, const void* caller) {
  void* const memory = is_refused(caller) ? nullptr : std::malloc(n == 0 ? 1 : n);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t n) { return take(n, __builtin_return_address(0)); }
void* operator new[](std::size_t n) { return take(n, __builtin_return_address(0)); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
