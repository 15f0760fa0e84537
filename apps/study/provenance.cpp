// SPDX-License-Identifier: MIT
#include <study/provenance.hpp>

#include <Eigen/src/Core/util/Macros.h>
#include <openssl/crypto.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include <nlohmann/detail/abi_macros.hpp>
#include <xtensor/xtensor_config.hpp>

#include <papillon/config.hpp>
#include <papillon/error.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/io/draft.hpp>

#include <study/git_description.hpp>
#include <study/text.hpp>

namespace papillon::study {

namespace {

/// The instruction set that this is compiled for: as an option, and in words.
struct set_names {
  char const *option, *words;
};
#if defined(__AVX512F__)
constexpr set_names compiled_for{"avx512", "AVX-512"};
#elif defined(__AVX2__) && defined(__FMA__)
constexpr set_names compiled_for{"avx2", "AVX2 with FMA"};
#elif defined(__AVX__)
constexpr set_names compiled_for{"avx", "AVX"};
#elif defined(__SSE2__)
constexpr set_names compiled_for{"baseline", "SSE2"};
#else
constexpr set_names compiled_for{"baseline", "the compiler's default"};
#endif

}  // namespace

std::string isa() { return compiled_for.option; }
std::string instruction_set() { return compiled_for.words; }

facts build_facts() {
  facts all;
  all.emplace_back("papillon", PAPILLON_VERSION);
  if (std::string const commit = git_description; !commit.empty()) all.emplace_back("git", commit);
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

facts worker_facts() {
  facts all;
  all.emplace_back("host", io::host_name());
  all.emplace_back("process", std::to_string(::getpid()));
  for (auto const* name : {"SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID"})
    if (char const* const value = std::getenv(name)) all.emplace_back(name, value);
  return all;
}

maker made_here(std::string const& device) {
  maker made;
  for (auto const& [name, text] : build_facts())
    for (auto const* part : {"papillon", "git", "compiler", "flags", "instruction set"})
      if (name == part)
        made.build += message(made.build.empty() ? "" : ", ", name == "compiler" ? "" : name + " ", text);
  for (auto item : split_list(device)) {
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    if (!item.ends_with(" threads")) made.device += message(made.device.empty() ? "" : ", ", item);
  }
  return made;
}

}  // namespace papillon::study
