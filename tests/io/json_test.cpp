// SPDX-License-Identifier: MIT
#include <papillon/io/json.hpp>

#include <string>

#include <catch2/catch.hpp>

#include "support/error_text.hpp"

using namespace papillon;
using nlohmann::ordered_json;

namespace {

std::string repeated(std::string const& part, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += part;
  return all;
}

std::string refused(std::string const& text, io::json_rules const& rules = {}) {
  auto const why = test::error_text(errc::bad_input, [&] { (void)io::parse_json(text, "a.json", "try again", rules); });
  CHECK_THAT(why, Catch::StartsWith("a.json cannot be used (") && Catch::EndsWith(") try again"));
  return why;
}

}  // namespace

TEST_CASE("a document is what the library itself makes of it") {
  for (std::string const text :
      {"null", " [ ] ", "{}", R"({"b": [1, -2, 2.5, true, false, null, "x\n\u00e9"], "a": {"c": {}}})",
          "[[], [[]], {}]", "18446744073709551615", "-9223372036854775808", "1e308", R"([{"a": 1}, {"a": 2}])"})
    CHECK(io::parse_json(text, "", "") == ordered_json::parse(text));
  CHECK(io::parse_json("{// c\n\"b\": 1, /* d */ \"a\": 2}", "", "", {.comments = true}).dump() == R"({"b":1,"a":2})");
}

TEST_CASE("what is refused is told by line and column") {
  CHECK_THAT(refused("{\"a\": 1,\n \"b\": }"), Catch::Contains("(it is no valid JSON, line 2, column 7)"));
  CHECK_THAT(refused(""), Catch::Contains("it is no valid JSON, line 1"));
  CHECK_THAT(refused("{} {}"), Catch::Contains("it is no valid JSON"));
  CHECK_THAT(refused("\"\xff\""), Catch::Contains("it is no valid JSON"));
  CHECK_THAT(refused("{} // c"), Catch::Contains("it is no valid JSON"));
  CHECK_THAT(refused("[1,\n1e999]"), Catch::Contains("(a number is out of range, line 2, column 6)"));
  CHECK_THAT(refused("[-1e999]"), Catch::Contains("a number is out of range"));
  CHECK_THAT(
      refused(R"({"a": {"b": 1, "c": 2, "b": 3}})"), Catch::Contains("the name b occurs twice, line 1, column 26"));
}

TEST_CASE("a refusal is one line that can be read, whatever is in the file") {
  CHECK_THAT(refused(R"({"a\n\u001b[31m": 1, "a\n\u001b[31m": 2})"),
      Catch::Contains(R"(the name a\x0a\x1b[31m occurs twice)"));
  std::string const name = "\"" + std::string(1000000, 'a') + "\": 1";
  CHECK(refused("{" + name + ", " + name + "}").size() < 5000);
}

TEST_CASE("depth, values and names are limited, whatever they are") {
  CHECK_THAT(refused(repeated("[", 100000)), Catch::Contains("nested more than 32 deep, line 1, column 33"));
  CHECK_THAT(refused(repeated("{\"a\":", 20000)), Catch::Contains("nested more than 32 deep"));
  CHECK(io::parse_json(repeated("[", 32) + repeated("]", 32), "", "").is_array());
  CHECK_THAT(refused("[1,2,3]", {.values = 3}), Catch::Contains("more than 3 values"));
  CHECK(io::parse_json("[1,2]", "", "", {.values = 3}).size() == 2);
  CHECK_THAT(refused(R"({"a":1,"b":2})", {.names = 1}), Catch::Contains("more than 1 names"));
}
