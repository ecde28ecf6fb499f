// How an event, a setting or a saved key is refused: with a sentence. Thrown before anything has changed.
#pragma once

#include <statecast/types.hpp>

namespace statecast::delivery {

class Rejection : public Failure {
 public:
  explicit Rejection(const std::string& sentence) : Failure(SC_REJECTED, sentence) {}
};

}  // namespace statecast::delivery
