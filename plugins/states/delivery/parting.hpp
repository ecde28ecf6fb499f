// The last message to clients who may no longer see a topic, while others still may.
//
// Rights come and go with the data: a customer sees a driver while an order is on its way, a driver a run while it is
// theirs. Rendering hides the entity from then on; that this is so, they are told once, by a key of its own whose name
// says it all. The host sends it as it does any key that changed, and is then told that the key is gone.
#pragma once

#include <optional>
#include <statecast/types.hpp>
#include <string>
#include <string_view>

namespace statecast::delivery {

struct Parting {
  std::string_view view, topic;  // who, and what they no longer see

  std::string key() const;
  static std::optional<Parting> parse(std::string_view key);

  void write(const Sink& json) const;
};

}  // namespace statecast::delivery
