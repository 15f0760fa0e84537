// SPDX-License-Identifier: MIT
/// \file error.hpp
/// The one exception for what a user can get wrong. Its text reads "problem (why) suggestion";
/// its code says which exit status a program should end with. `message` writes such a text from its parts.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
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
  /// `cause`: the errno of a call of the system that failed.
  error(errc code, std::string_view what, int cause = 0)
      : std::runtime_error(one_line(what)), code_(code), cause_(cause) {}
  [[nodiscard]] errc code() const noexcept { return code_; }
  /// The errno of the call that failed; 0: it was none, or is not known.
  [[nodiscard]] int cause() const noexcept { return cause_; }

 private:
  /// With control characters written as \xNN: a name out of a file does not write to a terminal, and one line stays
  /// one. Of more than 5,000 characters, which only such a name has, some are left out.
  static std::string one_line(std::string_view text) {
    if (text.size() > 5000) return one_line(text.substr(0, 4000)) + " ... " + one_line(text.substr(text.size() - 500));
    std::string line;
    for (char const c : text) {
      auto const byte = static_cast<unsigned char>(c);
      if (byte >= 32 && byte != 127) line += c;
      else line.append("\\x").append(1, "0123456789abcdef"[byte >> 4]).append(1, "0123456789abcdef"[byte & 15]);
    }
    return line;
  }

  errc code_;
  int cause_;
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
