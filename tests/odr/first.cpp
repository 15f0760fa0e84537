// SPDX-License-Identifier: MIT
#include <papillon/full.hpp>

#include "second.hpp"

int main() {
  // One type and one object in the whole program, however many units include it.
  try {
    second::fail();
  } catch (papillon::error const& e) {
    return e.code() == papillon::errc::bad_input && second::alignment() == &papillon::alignment ? 0 : 1;
  }
  return 1;
}
