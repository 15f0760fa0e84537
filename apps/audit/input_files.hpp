// SPDX-License-Identifier: MIT
/// \file input_files.hpp
/// What an audit is given, from files of any program: npy (floats, booleans, integers; one to four axes) or csv (first
/// line: names of columns). Whatever is wrong is errc::bad_input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include <xtensor/xarray.hpp>

namespace papillon::audit {

/// Scores and who is a member, one an image.
struct scored_members {
  std::vector<double> scores;
  std::vector<std::uint8_t> members;  ///< empty: the file does not say
};

/// Numbers of one to four axes. A csv file is a matrix, all its columns in their order.
[[nodiscard]] xt::xarray<double> read_array(std::filesystem::path const& path);

/// One number an image: an npy file of one axis, or the column of a csv file, which may have other ones.
[[nodiscard]] std::vector<double> read_column(std::filesystem::path const& path, std::string_view name);

/// Scores: an npy file of one axis, or a csv file with the column score and, if it says so, member.
[[nodiscard]] scored_members read_scores(std::filesystem::path const& path);

/// Who of `images` images is a member: 1 or 0 an image, or the indices of the members, counted from 0. From an npy file
/// of one axis, or a csv file with the column member (1 or 0) or index. As many zeros and ones as images say 1 or 0 an
/// image. An index that comes twice or is no image's is refused.
[[nodiscard]] std::vector<std::uint8_t> read_members(std::filesystem::path const& path, std::size_t images);

}  // namespace papillon::audit
