// SPDX-License-Identifier: MIT
// MKL, single precision:
//   mkl_csr    its inspector-executor CSR of the factors one after another, told how often and with how many vectors
//   mkl_batch  one batch of dense products a factor, one product a b x c block, on row-major panels
//   mkl_jit    a dense product generated for the blocks of a factor, called for each of them by as many threads
#include "problem.hpp"

#if PAPILLON_BENCH_MKL
#  include <mkl.h>
#  include <omp.h>

#  include <algorithm>

#  include <papillon/tensor/buffer.hpp>
#endif

namespace bench {

#if PAPILLON_BENCH_MKL
namespace {

using papillon::pattern;

/// A factor as MKL keeps it.
class csr {
 public:
  template <class F> csr(F const& factor, std::vector<float> const& all, std::size_t first, problem const& p) {
    std::vector<std::vector<std::pair<MKL_INT, float>>> by_row(static_cast<std::size_t>(factor.rows()));
    factor.for_each_nonzero([&](int r, int c, int i) {
      by_row[static_cast<std::size_t>(r)].emplace_back(c, all[first + static_cast<std::size_t>(i)]);
    });
    rows_.push_back(0);
    for (auto& row : by_row) {
      std::sort(row.begin(), row.end());
      for (auto const& [column, value] : row) columns_.push_back(column), values_.push_back(value);
      rows_.push_back(static_cast<MKL_INT>(columns_.size()));
    }
    mkl_sparse_s_create_csr(&matrix_, SPARSE_INDEX_BASE_ZERO, factor.rows(), factor.cols(), rows_.data(),
        rows_.data() + 1, columns_.data(), values_.data());
    constexpr MKL_INT calls = 100'000;
    if (p.vectors == 1) mkl_sparse_set_mv_hint(matrix_, SPARSE_OPERATION_NON_TRANSPOSE, general, calls);
    else mkl_sparse_set_mm_hint(matrix_, SPARSE_OPERATION_NON_TRANSPOSE, general, order(p), p.vectors, calls);
    mkl_sparse_set_memory_hint(matrix_, SPARSE_MEMORY_AGGRESSIVE);
    mkl_sparse_optimize(matrix_);
  }
  csr(csr&& other) noexcept
      : rows_(std::move(other.rows_)), columns_(std::move(other.columns_)), values_(std::move(other.values_)),
        matrix_(std::exchange(other.matrix_, nullptr)) {}
  ~csr() {
    if (matrix_ != nullptr) mkl_sparse_destroy(matrix_);
  }

  [[nodiscard]] int rows() const { return static_cast<int>(rows_.size()) - 1; }
  [[nodiscard]] double bytes() const {
    return static_cast<double>(values_.size()) * (sizeof(float) + sizeof(MKL_INT)) +
           static_cast<double>(rows_.size()) * sizeof(MKL_INT);
  }

  void multiply(problem const& p, int cols, float const* x, float* y) const {
    if (p.vectors == 1) mkl_sparse_s_mv(SPARSE_OPERATION_NON_TRANSPOSE, 1, matrix_, general, x, 0, y);
    else
      mkl_sparse_s_mm(SPARSE_OPERATION_NON_TRANSPOSE, 1, matrix_, general, order(p), x, p.vectors,
          p.row_major ? p.vectors : cols, 0, y, p.row_major ? p.vectors : rows());
  }

 private:
  static constexpr matrix_descr general{SPARSE_MATRIX_TYPE_GENERAL, SPARSE_FILL_MODE_LOWER, SPARSE_DIAG_NON_UNIT};
  static sparse_layout_t order(problem const& p) {
    return p.row_major ? SPARSE_LAYOUT_ROW_MAJOR : SPARSE_LAYOUT_COLUMN_MAJOR;
  }

  std::vector<MKL_INT> rows_, columns_;
  std::vector<float> values_;
  sparse_matrix_t matrix_ = nullptr;
};

using between_factors = std::vector<papillon::buffer<float>>;

/// Factor by factor, the last one first; multiply(l, x, y).
template <class F>
std::function<void()> through(std::shared_ptr<between_factors> between, float const* x, float* y, F const& multiply) {
  return [=] {
    float const* from = x;
    for (std::size_t l = between->size(); l-- > 0;) {
      float* const to = l == 0 ? y : (*between)[l].data();
      multiply(l, from, to);
      from = to;
    }
  };
}

template <class Factors> std::shared_ptr<between_factors> room_for(Factors const& ws, problem const& p) {
  auto const made = std::make_shared<between_factors>();
  for (auto const& w : ws) made->emplace_back(static_cast<std::size_t>(w.rows()) * static_cast<std::size_t>(p.vectors));
  return made;
}

work sparse(problem const& p, float const* x, float* y) {
  auto const ws =
      prepared::get<std::vector<csr>>(p, "mkl" + p.panel() + "/" + std::to_string(omp_get_max_threads()), [&] {
        std::vector<csr> made;
        auto const all = coefficients_of<float>(p);
        for_each_factor(p, [&](auto const& f, std::size_t first) { made.emplace_back(f, all, first, p); });
        return made;
      });
  double bytes = 0;
  for (csr const& w : *ws) bytes += w.bytes();
  auto const run = through(room_for(*ws, p), x, y, [ws, p](std::size_t l, float const* from, float* to) {
    (*ws)[l].multiply(p, l + 1 == ws->size() ? p.cols : (*ws)[l + 1].rows(), from, to);
  });
  return {run, p.coefficients() * p.vectors, bytes};
}

/// A factor's blocks (i, l), b x c row by row, one after another; rows of x and y in a block are d apart.
struct blocks {
  pattern f;
  std::vector<float> values;

  [[nodiscard]] int rows() const { return f.rows(); }
  [[nodiscard]] int count() const { return f.a * f.d; }
  [[nodiscard]] float const* block(int n) const {
    return values.data() + static_cast<std::size_t>(n) * static_cast<std::size_t>(f.b) * static_cast<std::size_t>(f.c);
  }
  [[nodiscard]] std::size_t first_input(int n) const { return static_cast<std::size_t>(f.col(n / f.d, 0, n % f.d)); }
  [[nodiscard]] std::size_t first_output(int n) const { return static_cast<std::size_t>(f.row(n / f.d, 0, n % f.d)); }
};

std::shared_ptr<std::vector<blocks> const> blocks_of(problem const& p) {
  return prepared::get<std::vector<blocks>>(
      p, "mkl blocks",
      [&] {
        std::vector<blocks> made;
        auto const all = coefficients_of<float>(p);
        for_each_factor(
            p,
            [&](auto const& factor, std::size_t first) {
              if constexpr (std::is_same_v<std::decay_t<decltype(factor)>, pattern>) {
                blocks s{factor, {}};
                for (int i = 0; i < factor.a; ++i)
                  for (int l = 0; l < factor.d; ++l)
                    for (int j = 0; j < factor.b; ++j)
                      for (int k = 0; k < factor.c; ++k)
                        s.values.push_back(all[first + static_cast<std::size_t>(factor.weight(i, j, k, l))]);
                made.push_back(std::move(s));
              }
            });
        return made;
      });
}

work batch(problem const& p, float const* x, float* y) {
  auto const ws = blocks_of(p);
  MKL_INT const width = p.vectors;
  auto const run = through(room_for(*ws, p), x, y, [=](std::size_t l, float const* from, float* to) {
    blocks const& s = (*ws)[l];
    static thread_local std::vector<float const*> a, b;
    static thread_local std::vector<float*> c;
    a.clear(), b.clear(), c.clear();
    for (int n = 0; n < s.count(); ++n) {
      a.push_back(s.block(n));
      b.push_back(from + s.first_input(n) * static_cast<std::size_t>(width));
      c.push_back(to + s.first_output(n) * static_cast<std::size_t>(width));
    }
    CBLAS_TRANSPOSE const plain = CblasNoTrans;
    MKL_INT const m = s.f.b, k = s.f.c, rows_apart = width * s.f.d, count = s.count();
    float const one = 1, zero = 0;
    cblas_sgemm_batch(CblasRowMajor, &plain, &plain, &m, &width, &k, &one, a.data(), &k, b.data(), &rows_apart, &zero,
        c.data(), &rows_apart, 1, &count);
  });
  return {run, p.coefficients() * p.vectors, p.coefficients() * sizeof(float)};
}

struct generated {
  std::shared_ptr<void> code;
  sgemm_jit_kernel_t run;
};

work jit(problem const& p, float const* x, float* y) {
  auto const ws = blocks_of(p);
  std::vector<generated> kernels;
  for (blocks const& s : *ws) {
    void* code = nullptr;
    if (mkl_jit_create_sgemm(&code, MKL_ROW_MAJOR, MKL_NOTRANS, MKL_NOTRANS, s.f.b, p.vectors, s.f.c, 1, s.f.c,
            p.vectors * s.f.d, 0, p.vectors * s.f.d) == MKL_JIT_ERROR)
      return {};
    kernels.push_back({{code, mkl_jit_destroy}, mkl_jit_get_sgemm_ptr(code)});
  }
  auto const width = static_cast<std::size_t>(p.vectors);
  auto const run = through(room_for(*ws, p), x, y, [=](std::size_t l, float const* from, float* to) {
    blocks const& s = (*ws)[l];
    generated const& kernel = kernels[l];
#  pragma omp parallel for schedule(static)
    for (int n = 0; n < s.count(); ++n)
      kernel.run(kernel.code.get(), const_cast<float*>(s.block(n)), const_cast<float*>(from) + s.first_input(n) * width,
          to + s.first_output(n) * width);
  });
  return {run, p.coefficients() * p.vectors, p.coefficients() * sizeof(float)};
}

bool takes_blocks(problem const& p) { return p.chain() != nullptr && p.row_major; }

}  // namespace

std::vector<candidate<float>> mkl_candidates() {
  return {{"mkl_csr", true, [](problem const& p) { return p.chain() || (p.mask() && p.name != "full"); }, sparse},
      {"mkl_batch", true, takes_blocks, batch}, {"mkl_jit", true, takes_blocks, jit}};
}
#else
std::vector<candidate<float>> mkl_candidates() { return {}; }
#endif

}  // namespace bench
