// SPDX-License-Identifier: MIT
#include <papillon/full.hpp>

// The headers that need Eigen, xtensor, nlohmann-json and OpenSSL come with all they need.
int main() { return papillon::error(papillon::errc::usage, "a").code() == papillon::errc::usage ? 0 : 1; }
