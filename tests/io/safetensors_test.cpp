// SPDX-License-Identifier: MIT
#include <papillon/io/safetensors.hpp>

#include <cmath>
#include <string>

#include <catch2/catch.hpp>

#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using io::safetensors;
using test::error_text;

namespace {
std::string file_of(std::string const& header, std::string const& data) {
  std::uint64_t const length = header.size();
  return std::string(reinterpret_cast<char const*>(&length), 8) + header + data;
}
}  // namespace

TEST_CASE("tensors of every type come back in their order, with their dims and the metadata") {
  test::temporary_directory const directory;
  auto const path = directory / "t.safetensors";
  safetensors out;
  out.metadata = {{"format", "papillon"}, {"quote \" and \\", "line\nbreak"}};
  std::vector<std::uint8_t> const bytes{1, 2, 255};
  std::vector<float> const floats{0.1F, -0.F, 3e38F, 1e-45F, 5.F, 6.F};
  std::vector<double> const doubles{0.1};
  std::vector<std::int64_t> const integers{std::numeric_limits<std::int64_t>::min(), -1};
  out.add("z.bytes", {3}, bytes);
  out.add("layer1.0.conv1.weight", {1, 2, 3, 1}, floats);
  out.add("a.scalar", {}, doubles);
  out.add("count", {2, 1}, integers);
  out.add("nothing", {0, 5}, std::vector<float>{});
  out.write(path);

  auto const in = safetensors::read(path);
  CHECK(in.metadata == out.metadata);
  CHECK(in.text_of("format") == "papillon");
  REQUIRE(in.entries().size() == 5);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(in.entries()[i].name == out.entries()[i].name);
    CHECK(in.entries()[i].dims == out.entries()[i].dims);
    CHECK(in.entries()[i].values == out.entries()[i].values);
  }
  CHECK(in.get<float>("layer1.0.conv1.weight", {1, 2, 3, 1})[2] == 3e38F);
  CHECK(in.contains("count"));
  CHECK_FALSE(in.contains("layer1"));

  auto const raw = io::read_file<std::string>(path);
  std::uint64_t length = 0;
  std::memcpy(&length, raw.data(), 8);
  CHECK(length % 8 == 0);
  CHECK(raw[8] == '{');
  CHECK(raw.size() == 8 + length + 3 + 24 + 8 + 16);
  CHECK_THAT(
      raw, Catch::Contains(R"("z.bytes":{"dtype":"U8","shape":[3],"data_offsets":[48,51]})"));  // after the wider ones
  out.write(path);
  CHECK(io::read_file<std::string>(path) == raw);
}

TEST_CASE("halves of either format are read as the floats they are") {
  test::temporary_directory const directory;
  auto const path = directory / "h.safetensors";
  // Every pattern of 16 bits, little-endian, once as F16 and once as BF16.
  std::string data;
  for (int bits = 0; bits < 1 << 16; ++bits) data += {static_cast<char>(bits & 255), static_cast<char>(bits >> 8)};
  io::write_atomically(path, file_of(R"({"half":{"dtype":"F16","shape":[256,256],"data_offsets":[0,131072]},)"
                                     R"("brain":{"dtype":"BF16","shape":[65536],"data_offsets":[131072,262144]}})",
                                 data + data));
  auto const in = safetensors::read(path);
  auto const half = in.get<float>("half", {256, 256}), brain = in.get<float>("brain");
  int wrong = 0;
  auto const same = [](float x, int sign, int fraction, int bits_of_fraction, int exponent, bool special) {
    if (special) return fraction == 0 ? std::isinf(x) && std::signbit(x) == (sign != 0) : std::isnan(x);
    double const size = std::ldexp(static_cast<double>(fraction), exponent - bits_of_fraction);
    return std::signbit(x) == (sign != 0) && static_cast<double>(std::abs(x)) == size;
  };
  for (int bits = 0; bits < 1 << 16; ++bits) {
    auto const at = static_cast<std::size_t>(bits);
    int const e = bits >> 10 & 31, m = bits & 1023, wide_e = bits >> 7 & 255, short_m = bits & 127;
    wrong += !same(half[at], bits >> 15, e == 0 || e == 31 ? m : m + 1024, 10, e == 0 ? -14 : e - 15, e == 31);
    wrong += !same(brain[at], bits >> 15, wide_e == 0 || wide_e == 255 ? short_m : short_m + 128, 7,
        wide_e == 0 ? -126 : wide_e - 127, wide_e == 255);
  }
  CHECK(wrong == 0);
  CHECK((half[0x3c00] == 1.0F && half[0xc000] == -2.0F && brain[0x3f80] == 1.0F));
  io::write_atomically(path, file_of(R"({"w":{"dtype":"F16","shape":[2],"data_offsets":[0,3]}})", "abc"));
  CHECK_THAT(
      error_text(errc::bad_input, [&] { (void)safetensors::read(path); }), Catch::Contains("3 bytes do not hold F16"));
}

TEST_CASE("a file without tensors is a file") {
  test::temporary_directory const directory;
  safetensors().write(directory / "e");
  CHECK(safetensors::read(directory / "e").entries().empty());
}

TEST_CASE("asking for what is not there names the file and the tensor") {
  test::temporary_directory const directory;
  auto const path = directory / "t.safetensors";
  safetensors out;
  out.add("w", {2}, std::vector<float>{1, 2});
  out.write(path);
  auto const in = safetensors::read(path);
  auto const text = [&](auto f) {
    auto const t = error_text(errc::bad_input, f);
    CHECK_THAT(t, Catch::StartsWith(path.string()));
    return t;
  };
  CHECK_THAT(text([&] { (void)in.get<float>("v"); }), Catch::Contains("no tensor v"));
  CHECK_THAT(text([&] { (void)in.get<double>("w"); }), Catch::Contains("w is of type F32 and should be F64"));
  CHECK_THAT(text([&] { (void)in.get<float>("w", {1, 2}); }), Catch::Contains("dims [2] and should have [1, 2]"));
  CHECK_THAT(text([&] { (void)in.text_of("seed"); }), Catch::Contains("no metadata \"seed\""));
  CHECK_THAT(error_text(errc::bad_input, [&] { (void)safetensors::read(directory / "none"); }),
      Catch::Contains("no such file"));
}

TEST_CASE("a tensor that contradicts itself or repeats a name is not taken") {
  safetensors t;
  t.add("w", {2}, std::vector<float>{1, 2});
  CHECK_THAT(error_text(
                 errc::failed, [&] { t.add("w", {1}, std::vector<float>{1}); }),
      Catch::Contains("taken"));
  CHECK_THAT(error_text(
                 errc::failed, [&] { t.add("__metadata__", {1}, std::vector<float>{1}); }),
      Catch::Contains("taken"));
  CHECK_THAT(error_text(errc::failed,
                 [&] {
                   t.add("v", {2, 2}, std::vector<float>{1});
                 }),
      Catch::Contains("1 values for dims [2, 2]"));
  CHECK(t.entries().size() == 1);
}

TEST_CASE("a damaged safetensors file is refused with its name and what is wrong") {
  test::temporary_directory const directory;
  auto const path = directory / "bad.safetensors";
  auto const refused = [&](std::string const& bytes) {
    io::write_atomically(path, bytes);
    auto const text = error_text(errc::bad_input, [&] { (void)safetensors::read(path); });
    CHECK_THAT(text, Catch::StartsWith(path.string()));
    return text;
  };
  std::string const four(4, '\0'), eight(8, '\0');
  auto const tensor = [](std::string const& name, std::string const& dtype, std::string const& shape,
                          std::string const& offsets) {
    return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
  };
  std::string const w = tensor("w", "F32", "[1]", "[0,4]");

  io::write_atomically(path, file_of("{" + w + "}   ", four));  // the file that the damage is done to
  REQUIRE(safetensors::read(path).get<float>("w").size() == 1);

  SECTION("length") {
    CHECK_THAT(refused(""), Catch::Contains("0 bytes, too few"));
    CHECK_THAT(refused("1234567"), Catch::Contains("too few"));
    CHECK_THAT(refused(std::string(8, '\xff') + "{}"), Catch::Contains("claims 18446744073709551615 bytes"));
    CHECK_THAT(refused(file_of("{" + w + "}", four).substr(0, 30)), Catch::Contains("the file has 30"));
    CHECK_THAT(refused(eight), Catch::Contains("begin with {"));
  }
  SECTION("header") {
    CHECK_THAT(refused(file_of(" {}", "")), Catch::Contains("begin with {"));
    CHECK_THAT(refused(file_of("{\"w\":", "")), Catch::Contains("JSON"));
    CHECK_THAT(refused(file_of("{} x", "")), Catch::Contains("JSON"));
    CHECK_THAT(refused(file_of("{\"\xff\":1}", "")), Catch::Contains("JSON"));
    CHECK_THAT(refused(file_of("{\"a\":" + std::string(100000, '['), "")), Catch::Contains("nested"));
    CHECK_THAT(refused(file_of("{" + w + "," + w + "}", four)), Catch::Contains("w occurs twice"));
    CHECK_THAT(refused(file_of(R"({"__metadata__":{"a":"1","a":"2"}})", "")), Catch::Contains("a occurs twice"));
    CHECK_THAT(refused(file_of(R"({"__metadata__":{"a":1}})", "")), Catch::Contains("\"a\" is not text"));
    CHECK_THAT(refused(file_of(R"({"__metadata__":[]})", "")), Catch::Contains("not an object"));
  }
  SECTION("description") {
    CHECK_THAT(
        refused(file_of(R"({"w":{"dtype":"F32","shape":[1]}})", four)), Catch::Contains("tensor w: its description"));
    CHECK_THAT(refused(file_of("{\"w\":7}", four)), Catch::Contains("description"));
    CHECK_THAT(
        refused(file_of("{" + tensor("w", "F8_E4M3", "[1]", "[0,2]") + "}", "ab")), Catch::Contains("type F8_E4M3"));
    CHECK_THAT(
        refused(file_of(R"({"w":{"dtype":1,"shape":[1],"data_offsets":[0,4]}})", four)), Catch::Contains("not text"));
    for (std::string shape : {"1", "[-1]", "[1.0]", "[\"1\"]", "[[1]]"}) {
      CHECK_THAT(
          refused(file_of("{" + tensor("w", "F32", shape, "[0,4]") + "}", four)), Catch::Contains("list of sizes"));
    }
    for (std::string offsets : {"[0]", "[0,4,8]", "[-4,0]", "4", "[0,4.0]"}) {
      CHECK_THAT(
          refused(file_of("{" + tensor("w", "F32", "[1]", offsets) + "}", four)), Catch::Contains("two positions"));
    }
  }
  SECTION("extent") {
    CHECK_THAT(refused(file_of("{" + tensor("w", "F32", "[1]", "[4,0]") + "}", four)), Catch::Contains("ends before"));
    CHECK_THAT(refused(file_of("{" + w + "}", "abc")), Catch::Contains("truncated"));
    CHECK_THAT(refused(file_of("{" + w + "}", "abcde")), Catch::Contains("1 bytes follow"));
    CHECK_THAT(refused(file_of("{" + tensor("w", "F32", "[2]", "[0,4]") + "}", four)),
        Catch::Contains("do not hold F32 of dims [2]"));
    CHECK_THAT(refused(file_of("{" + tensor("w", "F64", "[1]", "[0,4]") + "}", four)), Catch::Contains("do not hold"));
    CHECK_THAT(refused(file_of("{" + tensor("w", "F32", "[4294967296,4294967296]", "[0,4]") + "}", four)),
        Catch::Contains("do not hold"));
    CHECK_THAT(refused(file_of("{" + tensor("w", "F32", "[4611686018427387905]", "[0,4]") + "}", four)),
        Catch::Contains("do not hold"));
    CHECK_THAT(refused(file_of("{" + w + "," + tensor("v", "U8", "[2]", "[2,4]") + "}", four)),
        Catch::Contains("overlap at byte 2"));
    CHECK_THAT(refused(file_of("{" + w + "," + tensor("v", "U8", "[2]", "[6,8]") + "}", eight)),
        Catch::Contains("no tensor owns byte 4"));
  }
}
