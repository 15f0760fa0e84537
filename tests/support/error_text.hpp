// SPDX-License-Identifier: MIT
/// \file error_text.hpp
/// The text of the papillon::error that a call throws with the expected code, for tests of error messages.
#pragma once

#include <string>

#include <papillon/error.hpp>

namespace papillon::test {

/// "" if nothing is thrown; "[other code] ..." if the code differs.
template <class F> std::string error_text(errc expected, F&& f) {
  try {
    f();
  } catch (error const& e) {
    return (e.code() == expected ? "" : "[other code] ") + std::string(e.what());
  }
  return "";
}

}  // namespace papillon::test
