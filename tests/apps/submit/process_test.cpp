// SPDX-License-Identifier: MIT
#include <submit/process.hpp>

#include <catch2/catch.hpp>
#include <papillon/error.hpp>

#include "support/error_text.hpp"

using namespace papillon;
using namespace papillon::submit;
using Catch::Matchers::Contains;

TEST_CASE("both streams of a program are read to their ends, and its status is known") {
  auto const found = run_program({"sh", "-c", "seq 30000; seq 20000 >&2; exit 5"});
  CHECK(found.status == 5);
  CHECK(found.printed.size() == 168894);
  CHECK(found.printed.ends_with("30000\n"));
  CHECK(found.complained.ends_with("20000\n"));
  CHECK(run_program({"sh", "-c", "kill -9 $$"}).status == 128 + 9);
}

TEST_CASE("words are words: no shell reads them") {
  CHECK(run_program({"printf", "%s|", "$HOME", "a b", "*", "'"}).printed == "$HOME|a b|*|'|");
}

TEST_CASE("standard input is empty") { CHECK(run_program({"cat"}).printed.empty()); }

TEST_CASE("a program that is not there is one error") {
  CHECK(is_installed("sh"));
  CHECK_FALSE(is_installed("papillon-no-such-program"));
  CHECK_THAT(test::error_text(errc::failed, [] { (void)run_program({"papillon-no-such-program"}); }),
      Contains("cannot start papillon-no-such-program"));
}
