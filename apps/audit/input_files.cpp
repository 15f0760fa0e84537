// SPDX-License-Identifier: MIT
#include <audit/input_files.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <papillon/error.hpp>
#include <papillon/io/npy.hpp>

#include <audit/csv_file.hpp>
#include <study/text.hpp>

namespace papillon::audit {

namespace {

[[noreturn]] void refuse(std::filesystem::path const& path, std::string const& why, std::string const& suggestion) {
  throw error(errc::bad_input, message(path.string(), " cannot be used (", why, ") ", suggestion));
}

bool is_csv(std::filesystem::path const& path) {
  auto const extension = path.extension();
  if (extension != ".csv" && extension != ".npy")
    refuse(path, "its name ends in neither .npy nor .csv", "write it with numpy.save, or as csv");
  return extension == ".csv";
}

/// The numbers of an npy file of one axis.
std::vector<double> read_vector(std::filesystem::path const& path) {
  auto const array = io::read_npy_as<double>(path);
  if (array.dimension() != 1)
    refuse(path, message("it has ", array.dimension(), " axes, not one"), "save one number an image");
  return {array.begin(), array.end()};
}

bool all_flags(std::vector<double> const& values) {
  return std::all_of(
      values.begin(), values.end(), [](double v) { return v == 0 || v == 1; });
}

std::vector<std::uint8_t> from_flags(
    std::filesystem::path const& path, std::vector<double> const& values, std::size_t images) {
  if (!all_flags(values)) refuse(path, "membership that is neither 0 nor 1", "write 1 for members, 0 for others");
  if (values.size() != images)
    refuse(
        path, message("it speaks of ", values.size(), " images, there are ", images), "write 1 or 0 for each of them");
  return {values.begin(), values.end()};
}

std::vector<std::uint8_t> from_indices(
    std::filesystem::path const& path, std::vector<double> const& values, std::size_t images) {
  std::vector<std::uint8_t> members(images);
  for (double const v : values) {
    if (!(v >= 0) || v != std::floor(v) || v >= static_cast<double>(images))
      refuse(path, message("it names image ", study::number_text(v), ", there are ", images),
          "write 1 or 0 for each image, or the members' indices from 0");
    if (members[static_cast<std::size_t>(v)]++ != 0)
      refuse(path, message("image ", static_cast<std::size_t>(v), " is in it twice"), "name each member once");
  }
  return members;
}

}  // namespace

xt::xarray<double> read_array(std::filesystem::path const& path) {
  if (!is_csv(path)) {
    auto array = io::read_npy_as<double>(path);
    if (array.dimension() < 1 || array.dimension() > 4)
      refuse(path, message("it has ", array.dimension(), " axes, not one to four"), "see papillon audit --help");
    return array;
  }
  csv_file const file(path);
  std::size_t const columns = file.names().size();
  auto array = xt::xarray<double>::from_shape({file.rows(), columns});
  for (std::size_t row = 0; row < file.rows(); ++row)
    for (std::size_t c = 0; c < columns; ++c) array(row, c) = file.number(row, c);
  return array;
}

std::vector<double> read_column(std::filesystem::path const& path, std::string_view name) {
  if (!is_csv(path)) return read_vector(path);
  csv_file const file(path);
  return file.numbers(file.column(name));
}

scored_members read_scores(std::filesystem::path const& path) {
  if (!is_csv(path)) return {read_vector(path), {}};
  csv_file const file(path);
  scored_members s{file.numbers(file.column("score")), {}};
  if (file.has("member")) s.members = from_flags(path, file.numbers(file.column("member")), file.rows());
  return s;
}

std::vector<std::uint8_t> read_members(std::filesystem::path const& path, std::size_t images) {
  if (is_csv(path)) {
    csv_file const file(path);
    if (file.has("index")) return from_indices(path, file.numbers(file.column("index")), images);
    return from_flags(path, file.numbers(file.column("member")), images);
  }
  auto const values = read_vector(path);
  // Two zeros or ones may be indices; more of them are not, whatever their number.
  bool const flags = all_flags(values) && (values.size() == images || values.size() > 2);
  return flags ? from_flags(path, values, images) : from_indices(path, values, images);
}

}  // namespace papillon::audit
