// SPDX-License-Identifier: MIT
#include <papillon/io/npy.hpp>

#include <cmath>
#include <string>

#include <catch2/catch.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xtensor.hpp>

#include "support/error_text.hpp"
#include "support/temporary_directory.hpp"

using namespace papillon;
using io::read_npy;
using io::write_npy;

namespace {
std::string npy(std::string const& dictionary, std::string const& data, char version = 1) {
  std::string file = std::string("\x93NUMPY") + version + '\0';
  std::size_t const length = dictionary.size() + 1;
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file += static_cast<char>(length >> 8 * i & 255);
  return file + dictionary + "\n" + data;
}
}  // namespace

TEMPLATE_TEST_CASE("arrays of any dimension come back bit for bit", "", float, double) {
  using T = TestType;
  test::temporary_directory const directory;
  auto const path = directory / "a.npy";
  for (std::vector<std::size_t> const& shape :
      std::vector<std::vector<std::size_t>>{{}, {1}, {17}, {0, 3}, {3, 5, 7}}) {
    xt::xarray<T> a = xt::xarray<T>::from_shape(shape);
    T value = T(-1.1);
    for (auto& x : a) {
      x = value;
      value *= T(-1.37);
    }
    write_npy(path, a);
    auto const b = read_npy<T>(path);
    CHECK(std::vector<std::size_t>(b.shape().begin(), b.shape().end()) == shape);
    CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
  }
}

TEST_CASE("an expression is written as its value, with the header NumPy writes") {
  test::temporary_directory const directory;
  auto const path = directory / "a.npy";
  xt::xtensor<float, 2> const a{{1, 2, 3}, {4, 5, 6}};
  write_npy(path, 2.F * a);
  auto const bytes = io::read_file<std::string>(path);
  CHECK(bytes.size() == 128 + 24);
  CHECK(bytes.substr(0, 10) == std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  CHECK_THAT(bytes.substr(10, 118),
      Catch::StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  ") && Catch::EndsWith(" \n"));
  CHECK(read_npy<float>(path)(1, 2) == 12.F);
}

TEST_CASE("keys in any order, no spaces, and headers of versions 1 to 3 of any length are read") {
  test::temporary_directory const directory;
  auto const path = directory / "a.npy";
  std::string const data("\0\0\x80\x3f\0\0\0\x40", 8);  // 1, 2
  for (char version : {'\1', '\2', '\3'}) {
    for (std::size_t padding : {0u, 100u, 200u, 300u}) {
      io::write_atomically(
          path, npy("{'shape':(2,),'fortran_order':False,'descr':'<f4'}" + std::string(padding, ' '), data, version));
      auto const a = read_npy<float>(path);
      REQUIRE(a.size() == 2);
      CHECK(a(0) == 1.F);
      CHECK(a(1) == 2.F);
    }
  }
}

TEST_CASE("a damaged npy file is refused with its name and what is wrong") {
  test::temporary_directory const directory;
  auto const path = directory / "bad.npy";
  std::string const data(8, '\0');
  std::string const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  auto const refused = [&](std::string const& bytes) {
    io::write_atomically(path, bytes);
    auto const text = test::error_text(errc::bad_input, [&] { (void)read_npy<float>(path); });
    CHECK_THAT(text, Catch::StartsWith(path.string()));
    return text;
  };
  CHECK_THAT(refused(""), Catch::Contains("no npy file"));
  CHECK_THAT(refused("PK\3\4 and so on"), Catch::Contains("no npy file"));
  CHECK_THAT(refused(npy(good, data, 9)), Catch::Contains("version 9"));
  CHECK_THAT(refused(npy(good, data).substr(0, 40)), Catch::Contains("within its header"));
  CHECK_THAT(refused(npy(good, data.substr(1))), Catch::Contains("needs 8 bytes of data, it has 7"));
  CHECK_THAT(refused(npy(good, data + "x")), Catch::Contains("it has 9"));
  CHECK_THAT(refused(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", data)), Catch::Contains("<f4"));
  CHECK_THAT(refused(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", data)), Catch::Contains("<f4"));
  CHECK_THAT(
      refused(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", data)), Catch::Contains("C order"));
  CHECK_THAT(refused(npy("{'descr': '<f4', 'fortran_order': False, }", data)), Catch::Contains("shape"));
  for (std::string shape : {"(2", "2", "(-2,)", "(2;)", "(a,)", "(2 2)", "(99999999999999999999999,)"}) {
    CHECK_THAT(refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }", data)),
        Catch::Contains("shape"));
  }
  CHECK_THAT(refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", data)),
      Catch::Contains("absurd"));
  CHECK_THAT(refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296), }", "")),
      Catch::Contains("absurd"));
}

TEST_CASE("files of integers and booleans are read as floating point numbers") {
  test::temporary_directory const directory;
  auto const path = directory / "a.npy";
  auto const read = [&](std::string const& type, std::string const& data) {
    io::write_atomically(path, npy("{'descr': '" + type + "', 'fortran_order': False, 'shape': (2,), }", data));
    auto const a = io::read_npy_as<double>(path);
    return std::vector<double>(a.begin(), a.end());
  };
  using values = std::vector<double>;
  CHECK(read("|b1", std::string("\1\0", 2)) == values{1, 0});
  CHECK(read("|u1", "\xff\7") == values{255, 7});
  CHECK(read("<i4", std::string("\xfe\xff\xff\xff\0\1\0\0", 8)) == values{-2, 256});
  CHECK(read("<i8", std::string("\xfd\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\1\0\0\0", 16)) == values{-3, 4294967296.});
  CHECK(read("<f4", std::string("\0\0\x80\x3f\0\0\0\x40", 8)) == values{1, 2});
  CHECK(read("<f8", std::string("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40", 16)) == values{1, 2});

  auto const refused = [&](std::string const& type, std::string const& data) {
    return test::error_text(errc::bad_input, [&] { (void)read(type, data); });
  };
  CHECK_THAT(refused("<c8", std::string(16, '\0')), Catch::Contains("none of <f4, <f8, |b1, |u1, <i4, <i8"));
  CHECK_THAT(refused("|b1", "\1\2"), Catch::Contains("neither 0 nor 1"));
  CHECK_THAT(refused("<i8", std::string(8, '\0')), Catch::Contains("needs 16 bytes of data, it has 8"));
}
