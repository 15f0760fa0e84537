// SPDX-License-Identifier: MIT
// Compiled with ThreadSanitizer, see tests/exec/CMakeLists.txt.
#include <vector>

#include <papillon/exec/emulate.hpp>

#include "exec/planted.hpp"

int main() {
  std::vector<float> in(256, 1.0f), out(256);
  std::vector<int> numbers(32);
  papillon::exec::launch(papillon::exec::emulated_threads{}, papillon::test::shared_race{numbers.data()});
  return static_cast<int>(out[0]) + numbers[0] < -1;
}
