// SPDX-License-Identifier: MIT
#include <study/grid_axis.hpp>

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include <papillon/error.hpp>

#include <study/assign.hpp>
#include <study/text.hpp>

namespace papillon::study {

namespace {

/// Whether a key takes a list. Throws errc::usage for one that there is not, or that is the whole study's.
bool takes_list(std::string const& name) {
  auto const standard = get({}, name);
  if (!may_be_overlaid(*std::ranges::find(schema(), name, &key::name)))
    throw error(errc::usage,
        message(name, " cannot be tuned (images, split and selection are the whole study's) give ", name, " by --set"));
  return std::visit([]<class T>(T const&) { return is_list<T>; }, standard);
}

grid_axis read_axis(std::string_view text) {
  auto const equals = text.find('=');
  if (equals == std::string_view::npos)
    throw error(errc::usage, message("'", text, "' is no axis of a grid (there is no '=') write key=value,value"));
  grid_axis axis{std::string(text.substr(0, equals)), {}};
  char const separator = takes_list(axis.key) ? ';' : ',';
  for (auto const item : split_list(text.substr(equals + 1), separator)) {
    settings scratch;
    set(scratch, axis.key, item);
    axis.values.push_back(to_text(get(scratch, axis.key)));
  }
  if (axis.values.empty())
    throw error(errc::usage,
        message("'", text, "' is no axis of a grid (it has no value) write ", axis.key, "=value", separator, "value"));
  return axis;
}

}  // namespace

std::vector<grid_axis> read_grid(std::vector<std::string> const& texts) {
  if (texts.empty())
    return {{"train.learning_rate", {"0.3", "0.1", "0.03", "0.01"}},
        {"train.weight_decay", {"1e-04", "5e-04", "0.001", "0.005"}}};
  std::vector<grid_axis> grid;
  for (auto const& text : texts) {
    auto axis = read_axis(text);
    if (std::ranges::find(grid, axis.key, &grid_axis::key) != grid.end())
      throw error(errc::usage,
          message(axis.key, " is an axis of the grid twice (an axis has all its values) give them in one --grid"));
    grid.push_back(std::move(axis));
  }
  return grid;
}

}  // namespace papillon::study
