// A counted reference to an immutable thing that several threads share: frames, changes, event batches.
// The thing derives from Counted<T> and is freed by whoever lets go last. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace statecast::host {

template <class T>
class Counted {
 public:
  void retain() const { refs_.fetch_add(1, std::memory_order_relaxed); }
  void release() const {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) T::destroy(static_cast<const T*>(this));
  }
  static void destroy(const T* thing) { delete thing; }

 protected:
  Counted() = default;
  ~Counted() = default;

 private:
  mutable std::atomic<std::uint32_t> refs_{1};
};

template <class T>
class Ref {
 public:
  Ref() = default;
  static Ref adopt(const T* thing) {
    Ref ref;
    ref.thing_ = thing;
    return ref;
  }
  template <class... Args>
  static Ref make(Args&&... args) {
    return adopt(new T(std::forward<Args>(args)...));
  }
  Ref(const Ref& other) : thing_(other.thing_) {
    if (thing_) thing_->retain();
  }
  Ref(Ref&& other) noexcept : thing_(std::exchange(other.thing_, nullptr)) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(thing_, other.thing_);
    return *this;
  }
  ~Ref() {
    if (thing_) thing_->release();
  }

  const T* get() const { return thing_; }
  const T& operator*() const { return *thing_; }
  const T* operator->() const { return thing_; }
  explicit operator bool() const { return thing_ != nullptr; }

 private:
  const T* thing_ = nullptr;
};

}  // namespace statecast::host
