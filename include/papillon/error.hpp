// SPDX-License-Identifier: MIT
/// \file error.hpp
/// The one exception for what a user can get wrong. Its text reads "problem (why) suggestion";
/// its code says which exit status a program should end with. `message` writes such a text from its parts.
#pragma once

#include <stdexcept>
#include <string>
#include <type_traits>

#include <papillon/config.hpp>

namespace papillon {

/// What kind of failure it was. The values are the exit statuses of the `papillon` program.
enum class errc : int {
  failed = 1,        ///< the work itself failed (a full disk, a network that diverged)
  usage = 2,         ///< a wrong option, key or value
  bad_input = 3,     ///< a file that is missing, damaged or of another format
  interrupted = 75,  ///< stopped on request; what was done is kept and can be resumed
};

/// An error caused by input or environment, to be shown to a person as one line.
class error : public std::runtime_error {
 public:
  error(errc code, std::string const& what) : std::runtime_error(what), code_(code) {}
  [[nodiscard]] errc code() const noexcept { return code_; }

 private:
  errc code_;
};

}  // namespace papillon

namespace papillon::inline PAPILLON_ISA {

/// One text from parts: strings and characters as they are, numbers as std::to_string writes them.
template <class... Parts> [[nodiscard]] std::string message(Parts const&... parts) {
  std::string all;
  auto const add = [&all](auto const& part) {
    using P = std::remove_cvref_t<decltype(part)>;
    if constexpr (std::is_arithmetic_v<P> && !std::is_same_v<P, char>) all += std::to_string(part);
    else all += part;
  };
  (add(parts), ...);
  return all;
}

}  // namespace papillon
