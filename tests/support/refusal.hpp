// SPDX-License-Identifier: MIT
/// \file refusal.hpp
/// The message of the usage error that a call throws; any other outcome fails the test.
#pragma once

#include <string>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>

namespace papillon::test {

template <class F> std::string refusal(F&& f) {
  try {
    f();
  } catch (error const& e) {
    REQUIRE(e.code() == errc::usage);
    return e.what();
  }
  FAIL("no error");
  return {};
}

}  // namespace papillon::test
