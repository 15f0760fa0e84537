// SPDX-License-Identifier: MIT
/// \file provenance.hpp
/// Where numbers come from, besides their identity: program and library versions, compiler, build flags, instruction
/// set, lanes, threads. Kept beside every run, shown by `papillon info` and in the report; never part of a hash. A
/// program may define PAPILLON_BUILD_TYPE and PAPILLON_BUILD_FLAGS, strings, to have them named; the commit that it was
/// built from stands there where git knows it, with "-dirty" where files had changed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <study/part_file.hpp>

namespace papillon::study {

/// Names and values, in the order they are shown.
using facts = std::vector<std::pair<std::string, std::string>>;

/// The widest instruction set that this program is compiled for, as --isa has it: avx512, avx2, avx or baseline.
[[nodiscard]] std::string isa();
/// The same in words.
[[nodiscard]] std::string instruction_set();

/// What is fixed when the program is compiled.
[[nodiscard]] facts build_facts();

/// Who works here: host, process, and where Slurm started it the job.
[[nodiscard]] facts worker_facts();

/// What numbers are made by, from the description of a laboratory ("omp, 2 threads, 16 lanes").
[[nodiscard]] maker made_here(std::string const& device);

}  // namespace papillon::study
