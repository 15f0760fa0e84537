// SPDX-License-Identifier: MIT
/// \file shared_array.hpp
/// An array in the shared memory of a kernel. On the host every access is checked, and one outside throws
/// std::out_of_range; on the device it is the bare array.
#pragma once

#include <stdexcept>
#include <string>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA::exec {

template <class T, int N> class shared_array {
 public:
  [[nodiscard]] PAPILLON_HD T& operator[](int i) {
    check(i);
    return v_[i];
  }
  [[nodiscard]] PAPILLON_HD T const& operator[](int i) const {
    check(i);
    return v_[i];
  }
  [[nodiscard]] PAPILLON_HD static constexpr int size() { return N; }

 private:
  PAPILLON_HD static void check([[maybe_unused]] int i) {
#if !PAPILLON_DEVICE_PASS
    if (i < 0 || i >= N) outside(i);
#endif
  }
  [[noreturn]] static void outside(int i) {
    throw std::out_of_range("shared memory: element " + std::to_string(i) + " of " + std::to_string(N));
  }

  T v_[static_cast<unsigned>(N)];
};

}  // namespace papillon::exec
