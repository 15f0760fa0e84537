// SPDX-License-Identifier: MIT
#include <study/worker.hpp>

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <system_error>

#include <papillon/error.hpp>
#include <papillon/io/draft.hpp>

namespace papillon::study {

namespace {

std::string drawn_id() {
  std::random_device draw;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%08x%08x", draw(), draw());
  return text.data();
}

std::string boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id;
}

std::string numbering() {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/ns/pid", unknown).string();
}

std::string slurm_job() {
  auto const value = [](char const* name) {
    char const* const text = std::getenv(name);
    return std::string(text != nullptr ? text : "");
  };
  auto const array = value("SLURM_ARRAY_JOB_ID");
  return array.empty() ? value("SLURM_JOB_ID") : array + "_" + value("SLURM_ARRAY_TASK_ID");
}

}  // namespace

worker new_worker() {
  worker w;
  w.id = drawn_id();
  w.host = io::host_name();
  w.boot = boot_id();
  w.numbering = numbering();
  w.process = ::getpid();
  w.start = io::state_of(w.process).start;
  w.job = slurm_job();
  return w;
}

bool is_gone(worker const& w) {
  if (w.process <= 0 || w.process > std::numeric_limits<pid_t>::max() || w.boot.empty() || w.numbering.empty())
    return false;
  if (w.host != io::host_name() || w.boot != boot_id() || w.numbering != numbering()) return false;
  return io::has_ended(w.process, w.start);
}

std::string to_string(worker const& w) {
  if (w.host.empty()) return "an unknown process";
  return message(w.host, ", process ", w.process, w.job.empty() ? "" : ", job ", w.job);
}

}  // namespace papillon::study
