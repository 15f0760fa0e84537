// SPDX-License-Identifier: MIT
#include <study/text.hpp>

#include <catch2/catch.hpp>

using papillon::study::escaped;

TEST_CASE("control characters of others' text are shown, and move no cursor") {
  CHECK(escaped("plain text, even ünïcode") == "plain text, even ünïcode");
  CHECK(escaped("two\nlines\tand \x1b[31mred") == "two\\nlines\\tand \\x1b[31mred");
  CHECK(escaped(std::string_view("\0\x7f\r", 3)) == "\\x00\\x7f\\x0d");
  CHECK(escaped("\xc2\x9b"
                "31m") == "\\x9b31m");  // the same as ESC [ on terminals that know it
  CHECK(escaped("\xc2") == "\xc2");
}
