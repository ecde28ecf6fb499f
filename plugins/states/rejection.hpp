// How an event is refused: with a sentence for its publisher. Thrown before anything has changed.
#pragma once

#include <statecast/types.hpp>

namespace statecast {

class Rejection : public Failure {
 public:
  explicit Rejection(const std::string& sentence) : Failure(SC_REJECTED, sentence) {}
};

}  // namespace statecast
