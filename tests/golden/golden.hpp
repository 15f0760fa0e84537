// SPDX-License-Identifier: MIT
/// \file golden.hpp
/// Reads the golden files of this folder and compares with them. Every result is stored in double (the reference) and
/// in PyTorch's single precision; the distance between the two, e, says how rounding is amplified on the way to that
/// result. With |.| the Euclidean norm of a tensor and u_T the machine epsilon of T, a result y of ours in precision T
/// must satisfy
///   |y - reference| <= factor max(e, 2 u_float) (u_T / u_float) |reference|
/// PyTorch's error is one sample of what rounding does, and sometimes a lucky one, hence the factor, 16 (the largest
/// multiple seen is 5), and the floor.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <papillon/io/safetensors.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/tensor/tensor.hpp>

namespace golden {

using papillon::io::safetensors;

inline safetensors read(std::string const& name) {
  return safetensors::read(std::filesystem::path(PAPILLON_GOLDEN_DIR) / (name + ".safetensors"));
}

/// Values of a float tensor in precision T.
template <class T> std::vector<T> values(safetensors const& file, std::string const& name) {
  auto const v = file.get<float>(name);
  return std::vector<T>(v.begin(), v.end());
}

/// A tensor of a file, (images, channels[, height, width]), batch-blocked.
template <class T, int Lanes> papillon::tensor<T, Lanes> as_tensor(safetensors const& file, std::string const& name) {
  auto const& d = file.dims(name);
  auto const side = [&](std::size_t i) { return i < d.size() ? static_cast<int>(d[i]) : 1; };
  papillon::tensor<T, Lanes> x({side(1), side(2), side(3)}, side(0));
  papillon::relayout<T, Lanes>(values<T>(file, name), x.view());
  return x;
}

/// Back to (images, channels, height, width).
template <class T, int Lanes> std::vector<T> row_major(papillon::tensor_view<T const, Lanes> x) {
  std::vector<T> out(static_cast<std::size_t>(x.images()) * static_cast<std::size_t>(x.extent().size()));
  papillon::relayout<T, Lanes>(x, out);
  return out;
}

template <class A, class B> double distance(std::span<A const> a, std::span<B const> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
  return std::sqrt(sum);
}

inline double norm(std::span<double const> a) {
  return distance(a, std::span<double const>(std::vector<double>(a.size())));
}

/// Checks `ours` against prefix + "float64/" + name; see the head of this file.
template <class T>
void check(safetensors const& file, std::string const& prefix, std::string const& name, std::span<T const> ours,
    double factor = 16) {
  INFO(prefix << name);
  auto const reference = file.get<double>(prefix + "float64/" + name);
  auto const single = file.get<float>(prefix + "float32/" + name);
  REQUIRE(ours.size() == reference.size());
  double const scale = norm(reference), u = std::numeric_limits<float>::epsilon();
  double const amplified = std::max(distance(single, reference), 2 * u * scale);
  CHECK(distance(ours, reference) <= factor * amplified * (std::numeric_limits<T>::epsilon() / u));
}
template <class T>
void check(safetensors const& file, std::string const& prefix, std::string const& name, std::vector<T> const& ours) {
  check(file, prefix, name, std::span<T const>(ours));
}

/// A flat buffer, its slots filled from the tensors prefix + name.
template <class T>
std::vector<T> gather(
    safetensors const& file, std::string const& prefix, std::vector<papillon::nn::slot> const& slots) {
  std::vector<T> buffer;
  for (auto const& s : slots) {
    auto const v = file.get<float>(prefix + s.name, s.dims);
    buffer.insert(buffer.end(), v.begin(), v.end());
  }
  return buffer;
}

/// Checks every slot of a flat buffer against prefix + "float64/" + group + its name.
template <class T>
void check_slots(safetensors const& file, std::string const& prefix, std::string const& group,
    std::vector<papillon::nn::slot> const& slots, std::vector<T> const& buffer) {
  for (auto const& s : slots) check(file, prefix, group + s.name, std::span<T const>(buffer).subspan(s.offset, s.size));
}

}  // namespace golden
