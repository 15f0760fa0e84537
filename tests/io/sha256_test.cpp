// SPDX-License-Identifier: MIT
#include <papillon/io/sha256.hpp>

#include <catch2/catch.hpp>

using namespace papillon::io;

// FIPS 180-4 examples, as published by NIST.
TEST_CASE("the published digests come out") {
  CHECK(sha256_hex(std::string_view("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex(std::string_view("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex(std::string_view("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("pieces give the digest of the whole, and finishing begins anew") {
  sha256 hash;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 1000; ++i) hash.update(std::string(1000, 'a'));
    CHECK(to_hex(hash.finish()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}
