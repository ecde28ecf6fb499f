// How start-up and control-plane code reports failure: a value, or where it went wrong and what to do about it.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

namespace statecast::host {

struct Error {
  std::string what;  // what is wrong, and where: "/usr/lib/.../acme.so: built for ABI 2, this host has 1"
  std::string fix;   // what to do about it; may be empty
  std::string text() const { return fix.empty() ? what : what + "\n  = fix: " + fix; }
};

[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::runtime_error(error.text());
}

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace statecast::host
