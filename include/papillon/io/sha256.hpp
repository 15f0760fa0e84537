// SPDX-License-Identifier: MIT
/// \file sha256.hpp
/// SHA-256 (FIPS 180-4) through OpenSSL, which uses the processor's own instructions where it has them.
/// `sha256` takes bytes piece by piece; `sha256_of` and `sha256_hex` take them at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <openssl/evp.h>

#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::io {

using sha256_digest = std::array<std::uint8_t, 32>;

class sha256 {
 public:
  sha256() : context_(EVP_MD_CTX_new()) {
    check(context_ != nullptr);
    check(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }

  sha256& update(std::span<std::byte const> bytes) {
    check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
    return *this;
  }
  sha256& update(std::span<std::uint8_t const> bytes) { return update(std::as_bytes(bytes)); }
  sha256& update(std::string_view text) { return update(std::as_bytes(std::span(text))); }

  /// The digest of everything since construction or the last finish(); begins anew.
  [[nodiscard]] sha256_digest finish() {
    sha256_digest digest;
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    check(EVP_DigestInit_ex(context_.get(), nullptr, nullptr) == 1);  // null: the same algorithm, without looking it up
    return digest;
  }

 private:
  static void check(bool good) {
    if (!good) throw error(errc::failed, "SHA-256 is not available (OpenSSL refused) check the OpenSSL installation");
  }
  struct free_context {
    void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
  };
  std::unique_ptr<EVP_MD_CTX, free_context> context_;
};

/// 64 lower-case hexadecimal digits.
[[nodiscard]] inline std::string to_hex(sha256_digest const& digest) {
  std::string text;
  text.reserve(2 * digest.size());
  for (unsigned const byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

/// Bytes, or text.
template <class Bytes> [[nodiscard]] sha256_digest sha256_of(Bytes const& bytes) {
  return sha256().update(bytes).finish();
}

template <class Bytes> [[nodiscard]] std::string sha256_hex(Bytes const& bytes) { return to_hex(sha256_of(bytes)); }

}  // namespace papillon::io
