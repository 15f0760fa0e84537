// SPDX-License-Identifier: MIT
/// \file problem.hpp
/// A product that several programs form, and what each says of how it forms it. A problem is a structure with
/// coefficients, the same for everybody, times vectors that stand in memory as the problem says.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

#include <random_values.hpp>

#include <papillon/product/scalar.hpp>
#include <papillon/structure/concepts.hpp>
#include <papillon/structure/csr_mask.hpp>
#include <papillon/structure/dense.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <papillon/tensor/matrix_view.hpp>

namespace bench {

/// A transform is no list of coefficients: each program has its own.
struct transform {
  int size;
  [[nodiscard]] int rows() const { return size; }
  [[nodiscard]] int cols() const { return size; }
};

/// The supports of random masks take long to draw, so they are shared.
using shared_mask = std::shared_ptr<papillon::csr_mask const>;
using any_structure = std::variant<papillon::dense, shared_mask, papillon::runtime_chain, transform>;

struct problem {
  std::string name;  ///< of the structure
  any_structure w;
  int rows, cols, vectors;
  bool row_major = false;  ///< of the panels

  [[nodiscard]] papillon::runtime_chain const* chain() const { return std::get_if<papillon::runtime_chain>(&w); }
  [[nodiscard]] bool is_dense() const { return std::holds_alternative<papillon::dense>(w); }
  [[nodiscard]] papillon::csr_mask const* mask() const {
    auto const* const m = std::get_if<shared_mask>(&w);
    return m ? m->get() : nullptr;
  }
  [[nodiscard]] bool is_transform() const { return std::holds_alternative<transform>(w); }
  [[nodiscard]] std::string shape() const { return std::to_string(rows) + "x" + std::to_string(cols); }
  [[nodiscard]] std::string panel() const { return std::to_string(vectors) + (row_major ? "r" : ""); }
  /// Coefficients; of a transform those of its butterfly.
  [[nodiscard]] double coefficients() const;

  template <class T> [[nodiscard]] papillon::matrix_view<T> view(T* data, int features) const {
    if (row_major) return {data, features, vectors, vectors, 1};
    return {data, features, vectors, 1, features};
  }
};

inline double problem::coefficients() const {
  if (chain()) return chain()->nnz();
  if (mask()) return mask()->nnz();
  double const n = rows;
  if (is_dense()) return n * cols;
  double levels = 0;
  for (int k = rows; k > 1; k /= 2) ++levels;
  return 2 * n * levels;
}

/// Calls f(a csr_mask, a dense or a pattern, position of its first coefficient) for every factor, leftmost first.
template <class F> void for_each_factor(problem const& p, F&& f) {
  std::size_t first = 0;
  auto const each = [&](auto const& s) {
    for (auto const& factor : papillon::factors_of(s)) {
      f(factor, first);
      first += static_cast<std::size_t>(factor.storage());
    }
  };
  if (p.chain()) each(*p.chain());
  else if (p.mask()) each(*p.mask());
  else if (p.is_dense()) each(std::get<papillon::dense>(p.w));
}

/// n values in [-1, 1) / 8: a few thousand random ones over and over, for there may be a thousand million of them.
/// Small, so that twenty factors keep the size of what they are given.
template <class T> [[nodiscard]] std::vector<T> values(std::size_t n, std::uint64_t item) {
  static auto const drawn = random_values(65521, 7);  // a prime, so that rows differ
  std::vector<T> v(n);
  std::size_t at = item * 977 % drawn.size();
  auto const next = [&] {
    float const x = drawn[at];
    at = at + 1 == drawn.size() ? 0 : at + 1;
    return static_cast<papillon::product::real_of<T>>(x / 8);
  };
  for (T& x : v) {
    if constexpr (papillon::product::is_complex<T>) {
      auto const real = next();
      x = {real, next()};
    } else {
      x = next();
    }
  }
  return v;
}

template <class T> [[nodiscard]] std::vector<T> coefficients_of(problem const& p) {
  return values<T>(static_cast<std::size_t>(p.coefficients()), 2);
}

/// One way to form the product, ready to run.
struct work {
  std::function<void()> run;
  double multiply_adds;  ///< of one run
  double weight_bytes;   ///< that one run has to read: coefficients, and indices where they are stored
};

/// One way to form products.
template <class T> struct candidate {
  std::string name;
  bool threaded;  ///< whether it may use several threads
  bool (*takes)(problem const&);
  /// Called once; `run` then maps x to y, which are stored as the problem says.
  work (*prepare)(problem const&, T const* x, T* y);
};

/// The candidates of each program; peers that were not found have none.
template <class T> [[nodiscard]] std::vector<candidate<T>> own_candidates();
template <class T> [[nodiscard]] std::vector<candidate<T>> eigen_candidates();
template <class T> [[nodiscard]] std::vector<candidate<T>> openblas_candidates();
template <class T> [[nodiscard]] std::vector<candidate<T>> libxsmm_candidates();
template <class T> [[nodiscard]] std::vector<candidate<T>> fftw_candidates();
[[nodiscard]] std::vector<candidate<float>> ffht_candidates();
[[nodiscard]] std::vector<candidate<float>> mkl_candidates();

/// Tells all programs how many threads they may use.
void use_threads(int threads);

/// What was made for the shape that is now measured, by a name and its type: several panels are multiplied by one
/// operator.
class prepared {
 public:
  template <class V, class F>
  [[nodiscard]] static std::shared_ptr<V const> get(problem const& p, std::string const& name, F const& make) {
    auto& kept = entries();
    std::string const shape = p.shape();
    if (kept.first != shape) {
      kept.second.clear();
      kept.first = shape;
    }
    auto& entry = kept.second[p.name + "/" + name + "/" + typeid(V).name()];
    if (!entry) entry = std::make_shared<V const>(make());
    return std::static_pointer_cast<V const>(entry);
  }

 private:
  using table = std::pair<std::string, std::map<std::string, std::shared_ptr<void const>>>;
  static table& entries() {
    static table t;
    return t;
  }
};

}  // namespace bench
