// What a function of the host throws while a plugin calls it: it must not pass through the plugin, which may be written in C, and
// is not the plugin's failure. It is kept, and thrown again once the plugin has returned.
#pragma once

#include <exception>
#include <utility>

namespace statecast::host {

class HostFault {
 public:
  // Runs work(). After something was thrown nothing more is run until rethrow() or forget().
  template <class Work>
  void keep(Work&& work) noexcept {
    if (thrown_ != nullptr) return;
    try {
      work();
    } catch (...) {
      thrown_ = std::current_exception();
    }
  }

  void rethrow() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  void forget() { thrown_ = nullptr; }

 private:
  std::exception_ptr thrown_;
};

}  // namespace statecast::host
