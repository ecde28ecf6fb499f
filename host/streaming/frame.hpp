// What goes out: a Change is one report of a State at one position, a Frame the bytes of its message in one view and
// encoding. Both are immutable and shared by every client that gets them. Made on a lane (control frames on a shard).
#pragma once

#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "host/streaming/ref.hpp"

namespace statecast::host {

struct Change : Counted<Change> {
  std::string key;
  std::string cursor;      // from where a session on this lane alone resumes after the change
  std::uint64_t id = 0;    // unique in the process: the lane's number above, a counter below
  std::uint16_t lane = 0;
  bool appended = false;   // every message counts: never conflated
};

class Frame : public Counted<Frame> {
 public:
  static Ref<Frame> make(std::string_view bytes, Ref<Change> change = {}) {
    void* memory = ::operator new(sizeof(Frame) + bytes.size());
    return Ref<Frame>::adopt(new (memory) Frame(bytes, std::move(change)));
  }
  static void destroy(const Frame* frame) {
    frame->~Frame();
    ::operator delete(const_cast<Frame*>(frame));
  }

  std::string_view bytes() const { return {reinterpret_cast<const char*>(this + 1), size_}; }
  const Change* change() const { return change_.get(); }  // null for control frames and snapshots

 private:
  Frame(std::string_view bytes, Ref<Change> change) : change_(std::move(change)), size_(bytes.size()) {
    std::memcpy(reinterpret_cast<char*>(this + 1), bytes.data(), bytes.size());
  }
  ~Frame() = default;
  friend class Counted<Frame>;

  Ref<Change> change_;
  std::size_t size_;
};

}  // namespace statecast::host
