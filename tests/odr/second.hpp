// SPDX-License-Identifier: MIT
// What the second unit offers the first.
#pragma once

namespace second {
[[noreturn]] void fail();
int const* alignment();
}  // namespace second
