// SPDX-License-Identifier: MIT
/// \file verify.hpp
/// Reads everything in the directory of a study and says what is not what it claims to be: results and files of data
/// that are damaged, that are of other work than their place says, and what belongs to nothing. Neither settings nor
/// images are needed: every file says itself what it is. Of splits only the form is looked at; a study compares them
/// with its images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <study/failure.hpp>
#include <study/part_file.hpp>
#include <study/plan.hpp>

namespace papillon::study {

enum class fault { damaged, foreign, left_over };

[[nodiscard]] std::string_view to_string(fault f);

/// A file that is not what it should be, and what has to go with it so that the study does the work again.
struct finding {
  fault what = fault::damaged;
  std::filesystem::path file;
  std::string why;
  std::vector<std::filesystem::path> with{};
};

struct verification {
  std::vector<finding> findings;
  std::size_t files = 0;                ///< that were read
  std::uint64_t bytes = 0;              ///< of them
  std::size_t old_form = 0;             ///< results of earlier versions, which sealed nothing
  std::map<maker, std::size_t> makers;  ///< of how many results
  std::vector<failure> failures;        ///< of tasks, as they are written down
};

/// Never throws for what it finds.
[[nodiscard]] verification verify_study(layout const& places);

/// Moves what was found to OUT/removed/<time>/, where it keeps its path, and returns that directory. Throws
/// errc::failed for what cannot be moved or is in use.
std::filesystem::path move_away(verification const& found, layout const& places);

}  // namespace papillon::study
