#include "tests/bench/publisher.hpp"

#include <stdexcept>
#include <string>

namespace statecast::bench {

Publisher::Publisher(std::uint16_t port, const RequestForm& form, std::uint64_t number)
    : connection_(port), request_(form, number) {}

void Publisher::send_next() {
  request_.renew();
  sent_at_ = std::chrono::steady_clock::now();
  connection_.send(request_.bytes());
}

bool Publisher::on_ready() {
  if (!connection_.on_ready()) return false;
  const std::string& answer = connection_.answer();
  const std::string all = R"("accepted":)" + std::to_string(events()) + R"(,"duplicates":0,)";
  if (!answer.starts_with("HTTP/1.1 202 ") || answer.find(all) == std::string::npos)
    throw std::runtime_error("a publication was not taken whole: " + answer);
  return true;
}

}  // namespace statecast::bench
