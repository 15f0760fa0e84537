// SPDX-License-Identifier: MIT
// Each multiplies, and returns the bytes of a vector register that it is compiled for; 0 if something is wrong.
#pragma once

int multiplied_at_v1();
int multiplied_at_v3();
int multiplied_at_v4();
