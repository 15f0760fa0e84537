// SPDX-License-Identifier: MIT
#include <papillon/io/descriptor.hpp>

#include <catch2/catch.hpp>

#include <fcntl.h>

using papillon::io::detail::descriptor;

TEST_CASE("a descriptor is closed once, by hand or at its end") {
  int number = -1;
  {
    descriptor const file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    number = file.get();
    REQUIRE(::fcntl(number, F_GETFD) != -1);
  }
  CHECK(::fcntl(number, F_GETFD) == -1);
  descriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(file.close() == 0);
  CHECK(file.get() == -1);
  CHECK(file.close() == 0);
}
