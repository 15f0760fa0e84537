// SPDX-License-Identifier: MIT
// This library: the operator of the structure itself, that of the factors as CSR, that of the product as CSR, and
// transforms. Beside them a loop over the two factors of a Monarch matrix as one writes it by hand.
#include "problem.hpp"

#include <complex>

#include <papillon/operators/prepared_product.hpp>
#include <papillon/operators/to_dense.hpp>
#include <papillon/operators/transforms.hpp>
#include <papillon/structure/size.hpp>
#include <papillon/tensor/buffer.hpp>

namespace bench {

namespace {

using namespace papillon;

template <class T, class W>
work product(problem const& p, std::shared_ptr<W const> const& w, T const* x, T* y, double coefficients, double bytes) {
  auto const in = p.view(x, p.cols);
  auto const out = p.view(y, p.rows);
  return {[=] { apply(exec::omp{}, *w, in, out); }, coefficients * p.vectors, bytes};
}

template <class T, class S>
std::shared_ptr<linear_operator<S, T> const> operator_of(problem const& p, S const& structure) {
  return prepared::get<linear_operator<S, T>>(
      p, "own", [&] { return linear_operator<S, T>(structure, coefficients_of<T>(p)); });
}

template <class T> work structured(problem const& p, T const* x, T* y) {
  if (p.chain())
    return product(p, operator_of<T>(p, *p.chain()), x, y, p.coefficients(), static_cast<double>(bytes<T>(*p.chain())));
  if (p.mask())
    return product(p, operator_of<T>(p, *p.mask()), x, y, p.coefficients(), static_cast<double>(bytes<T>(*p.mask())));
  dense const s(p.rows, p.cols);
  return product(p, operator_of<T>(p, s), x, y, p.coefficients(), static_cast<double>(bytes<T>(s)));
}

/// A chain's product with one vector, prepared beforehand.
template <class T> work prepared_structure(problem const& p, T const* x, T* y) {
  auto const product = prepare(exec::omp{}, *operator_of<T>(p, *p.chain()));
  return {[=] { product(x, y); }, p.coefficients(), static_cast<double>(bytes<T>(*p.chain()))};
}

/// Plan and packed weights are made entry by entry: some seconds for ten million.
constexpr double most_coefficients = 1 << 24;

csr_mask mask_of(pattern p) { return csr_mask(p.rows(), p.cols(), support(p)); }

template <class T> using mask_operators = std::vector<linear_operator<csr_mask, T>>;

/// Every factor as CSR, the output side first.
template <class T> work factors_as_csr(problem const& p, T const* x, T* y) {
  auto const ws = prepared::get<mask_operators<T>>(p, "csr factors", [&] {
    mask_operators<T> made;
    auto const all = coefficients_of<T>(p);
    for_each_factor(p, [&](auto const& factor, std::size_t first) {
      if constexpr (std::is_same_v<std::decay_t<decltype(factor)>, pattern>) {
        // A mask's coefficients stand row by row, with rising columns.
        std::vector<T> by_row;
        for (int ia = 0; ia < factor.a; ++ia)
          for (int ib = 0; ib < factor.b; ++ib)
            for (int id = 0; id < factor.d; ++id)
              for (int ic = 0; ic < factor.c; ++ic)
                by_row.push_back(all[first + static_cast<std::size_t>(factor.weight(ia, ib, ic, id))]);
        made.emplace_back(mask_of(factor), std::move(by_row));
      }
    });
    return made;
  });
  auto const between = std::make_shared<std::vector<buffer<T>>>();
  double weight_bytes = 0;
  for (auto const& w : *ws) {
    between->emplace_back(static_cast<std::size_t>(w.rows()) * static_cast<std::size_t>(p.vectors));
    weight_bytes += static_cast<double>(bytes<T>(w.structure()));
  }
  auto const run = [=] {
    matrix_view<T const> from = p.view(x, p.cols);
    for (std::size_t l = ws->size(); l-- > 0;) {
      auto const& w = (*ws)[l];
      matrix_view<T> const to = p.view(l == 0 ? y : (*between)[l].data(), w.rows());
      apply(exec::omp{}, w, from, to);
      from = to;
    }
  };
  return {run, p.coefficients() * p.vectors, weight_bytes};
}

template <class T> struct product_as_csr { linear_operator<csr_mask, T> w; };

/// The product of the factors entry by entry.
template <class T> product_as_csr<T> multiplied_out(problem const& p) {
  auto const entries = to_dense<T>(*p.chain(), coefficients_of<T>(p));
  csr_mask const mask(p.rows, p.cols, support(*p.chain()));
  std::vector<T> kept;
  mask.for_each_nonzero([&](int r, int c, int) {
    kept.push_back(
        entries[static_cast<std::size_t>(r) * static_cast<std::size_t>(p.cols) + static_cast<std::size_t>(c)]);
  });
  return {linear_operator<csr_mask, T>(mask, std::move(kept))};
}

template <class T> work product_csr(problem const& p, T const* x, T* y) {
  auto const w = prepared::get<product_as_csr<T>>(p, "csr product", [&] { return multiplied_out<T>(p); });
  auto const own = std::shared_ptr<linear_operator<csr_mask, T> const>(w, &w->w);
  return product(
      p, own, x, y, static_cast<double>(own->structure().nnz()), static_cast<double>(bytes<T>(own->structure())));
}

/// (1, p, q, d)(q, d, c, 1), one vector.
template <class T> work by_hand(problem const& p, T const* x, T* y) {
  pattern const left = p.chain()->factors()[0], right = p.chain()->factors()[1];
  auto const w = std::make_shared<std::vector<T> const>(coefficients_of<T>(p));
  auto const between = std::make_shared<buffer<T>>(static_cast<std::size_t>(right.rows()));
  auto const run = [=] {
    T const* const l = w->data();
    T const* const r = l + left.nnz();
    T* const z = between->data();
    int const blocks = right.a, rows = right.b, cols = right.c;
    for (int i = 0; i < blocks; ++i)
      for (int j = 0; j < rows; ++j) {
        T const* const row = r + (i * rows + j) * cols;
        T const* const from = x + i * cols;
        T sum{};
#pragma omp simd reduction(+ : sum)
        for (int k = 0; k < cols; ++k) sum += row[k] * from[k];
        z[i * rows + j] = sum;
      }
    int const outputs = left.b, inputs = left.c, width = left.d;
    for (int j = 0; j < outputs; ++j) {
      T* const to = y + j * width;
      for (int n = 0; n < width; ++n) to[n] = T{};
      for (int k = 0; k < inputs; ++k) {
        T const* const row = l + (j * inputs + k) * width;
        T const* const from = z + k * width;
#pragma omp simd
        for (int n = 0; n < width; ++n) to[n] += row[n] * from[n];
      }
    }
  };
  return {run, p.coefficients(), p.coefficients() * sizeof(T)};
}

template <class T> work own_transform(problem const& p, T const* x, T* y) {
  double const bytes = p.coefficients() * sizeof(T);
  if constexpr (product::is_complex<T>) {
    auto const w = prepared::get<product_operator<T>>(p, "own", [&] { return make_dft<product::real_of<T>>(p.rows); });
    return product(p, w, x, y, p.coefficients(), bytes);
  } else {
    auto const w = prepared::get<walsh_hadamard<T>>(p, "own", [&] { return make_walsh_hadamard<T>(p.rows); });
    return product(p, w, x, y, p.coefficients(), bytes);
  }
}

}  // namespace

template <class T> std::vector<candidate<T>> own_candidates() {
  std::vector<candidate<T>> all{
      {"papillon", true, [](problem const& p) { return !p.is_transform() && p.coefficients() <= most_coefficients; },
          structured<T>},
      {"papillon", true, [](problem const& p) { return p.is_transform(); }, own_transform<T>}};
  if constexpr (std::is_same_v<T, float>) {
    all.push_back({"papillon_csr_factors", true, [](problem const& p) { return p.chain() && p.rows <= 4096; },
        factors_as_csr<T>});
    all.push_back({"papillon_csr", true,
        [](problem const& p) { return p.chain() && p.rows <= 4096 && p.name == "partial"; }, product_csr<T>});
    all.push_back({"papillon_prepared", true,
        [](problem const& p) { return p.chain() && p.vectors == 1 && p.rows <= 4096; }, prepared_structure<T>});
    all.push_back(
        {"by_hand", false, [](problem const& p) { return p.name == "monarch" && p.vectors == 1; }, by_hand<T>});
  }
  return all;
}
template std::vector<candidate<float>> own_candidates();
template std::vector<candidate<double>> own_candidates();
template std::vector<candidate<std::complex<float>>> own_candidates();

}  // namespace bench
