// SPDX-License-Identifier: MIT
#include <study/provenance.hpp>

#include <Eigen/src/Core/util/Macros.h>
#include <openssl/crypto.h>

#include <thread>

#include <nlohmann/detail/abi_macros.hpp>
#include <xtensor/xtensor_config.hpp>

#include <papillon/config.hpp>
#include <papillon/error.hpp>
#include <papillon/exec/policy.hpp>

namespace papillon::study {

std::string isa() {
#if defined(__AVX512F__)
  return "avx512";
#elif defined(__AVX2__) && defined(__FMA__)
  return "avx2";
#elif defined(__AVX__)
  return "avx";
#else
  return "baseline";
#endif
}

std::string instruction_set() {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__) && defined(__FMA__)
  return "AVX2 with FMA";
#elif defined(__AVX__)
  return "AVX";
#elif defined(__SSE2__)
  return "SSE2";
#else
  return "the compiler's default";
#endif
}

facts build_facts() {
  facts all;
  all.emplace_back("papillon", PAPILLON_VERSION);
#if defined(__clang__)
  all.emplace_back("compiler", "clang " __clang_version__);
#else
  all.emplace_back("compiler", "g++ " __VERSION__);
#endif
#if defined(PAPILLON_BUILD_TYPE)
  all.emplace_back("build type", PAPILLON_BUILD_TYPE);
#endif
#if defined(PAPILLON_BUILD_FLAGS)
  all.emplace_back("flags", PAPILLON_BUILD_FLAGS);
#endif
  all.emplace_back("instruction set", instruction_set());
  all.emplace_back("lanes", message(native_lanes<float>, " (float), ", native_lanes<double>, " (double)"));
#if defined(_OPENMP)
  all.emplace_back("OpenMP", std::to_string(_OPENMP));
#else
  all.emplace_back("OpenMP", "none");
#endif
  auto const version = [](int major, int minor, int patch) { return message(major, ".", minor, ".", patch); };
  all.emplace_back("Eigen", version(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION));
  all.emplace_back("xtensor", version(XTENSOR_VERSION_MAJOR, XTENSOR_VERSION_MINOR, XTENSOR_VERSION_PATCH));
  all.emplace_back(
      "nlohmann-json", version(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH));
  all.emplace_back("OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING));
  return all;
}

}  // namespace papillon::study
