// SPDX-License-Identifier: MIT
/// \file sha256.hpp
/// SHA-256 of a text (FIPS 180-4, by OpenSSL), as 64 hexadecimal digits.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <string>
#include <string_view>

#include <papillon/error.hpp>

namespace papillon::study {

[[nodiscard]] inline std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw error(errc::failed, "cannot compute SHA-256 (OpenSSL refuses it) check OpenSSL's configuration");
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += digits[digest[i] >> 4];
    hex += digits[digest[i] & 15];
  }
  return hex;
}

}  // namespace papillon::study
