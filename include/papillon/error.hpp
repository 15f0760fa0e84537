// SPDX-License-Identifier: MIT
/// \file error.hpp
/// The one exception for what a user can get wrong. Its text reads "problem (why) suggestion";
/// its code says which exit status a program should end with.
#pragma once

#include <stdexcept>
#include <string>

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
