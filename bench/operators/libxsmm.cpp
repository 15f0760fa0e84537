// SPDX-License-Identifier: MIT
// LIBXSMM on row-major panels, the layout that its kernels want:
//   libxsmm_sparse  kernels generated for a pattern of nonzeros, each entry a vector of 16: of a Kronecker factor one
//   kernel for the
//                   b x c blocks, which differ by where they begin; of a CSR matrix one for every few rows
//   libxsmm_spmdm   its sparse times dense product for any matrix
//   libxsmm_dense   generated dense products, one for each b x c block
#include "problem.hpp"

#include <complex>

#if PAPILLON_BENCH_LIBXSMM
#  include <libxsmm.h>
#  include <omp.h>

#  include <papillon/tensor/buffer.hpp>
#endif

namespace bench {

#if PAPILLON_BENCH_LIBXSMM
namespace {

using papillon::pattern;

constexpr int pack = 16;  ///< floats of a vector, the only width that the sparse kernels take with AVX-512
/// A kernel's nonzeros: each is an instruction or more, and a kernel's code has a limit.
constexpr int most_nonzeros = 2048;

struct csr {
  std::vector<unsigned> rows{0}, columns;
  std::vector<float> values;
};

/// y rows, spaced, = values * x rows, spaced.
struct call {
  std::size_t kernel;
  std::size_t values, x, y;  ///< positions of the first value, of the first row of x and of y
};

/// One factor: kernels and what they are called for. Calls are independent.
struct stage {
  std::vector<libxsmm_smmfunction> kernels;
  std::vector<call> calls;
  std::vector<float> values;
  int rows;
};

using stages = std::vector<stage>;

struct sparse_product {
  stages factors;
  sparse_product() = default;
  sparse_product(sparse_product&& other) noexcept : factors(std::exchange(other.factors, {})) {}
  ~sparse_product() {
    for (stage const& s : factors)
      for (auto const k : s.kernels) libxsmm_release_kernel(reinterpret_cast<void const*>(k));
  }
};

libxsmm_smmfunction make_sparse(int m, int k, int packs, int row_stride, csr const& a) {
  libxsmm_descriptor_blob blob;
  auto const* const d = libxsmm_sgemm_descriptor_init(&blob, m, packs, k, 0, packs * row_stride, packs * row_stride,
      1.0f, 0.0f, LIBXSMM_GEMM_FLAGS('N', 'N'), LIBXSMM_GEMM_PREFETCH_NONE);
  if (d == nullptr) return nullptr;
  return libxsmm_create_xcsr_soa(d, a.rows.data(), a.columns.data(), a.values.data(), pack).smm;
}

/// (a, b, c, d): every (i, l) is a dense block whose rows are d apart. False if there is no such kernel.
bool add_blocks(stage& s, pattern f, int packs, std::vector<float> const& all, std::size_t first) {
  int const step = std::max(1, std::min(f.b, most_nonzeros / f.c));
  std::map<int, std::size_t> known;  // rows of a kernel
  for (int j = 0; j < f.b; j += step) {
    int const rows = std::min(step, f.b - j);
    if (!known.count(rows)) {
      csr a;
      for (int r = 0; r < rows; ++r) {
        for (int k = 0; k < f.c; ++k) a.columns.push_back(static_cast<unsigned>(k)), a.values.push_back(1.0f);
        a.rows.push_back(static_cast<unsigned>(a.columns.size()));
      }
      auto const kernel = make_sparse(rows, f.c, packs, f.d, a);
      if (kernel == nullptr) return false;
      known[rows] = s.kernels.size();
      s.kernels.push_back(kernel);
    }
    for (int i = 0; i < f.a; ++i)
      for (int l = 0; l < f.d; ++l) {
        s.calls.push_back({known[rows], s.values.size(), static_cast<std::size_t>(f.col(i, 0, l)),
            static_cast<std::size_t>(f.row(i, j, l))});
        for (int r = 0; r < rows; ++r)
          for (int k = 0; k < f.c; ++k)
            s.values.push_back(all[first + static_cast<std::size_t>(f.weight(i, j + r, k, l))]);
      }
  }
  s.rows = f.rows();
  return true;
}

bool add_rows(stage& s, papillon::csr_mask const& m, int packs, std::vector<float> const& all) {
  s.rows = m.rows();
  for (int begin = 0; begin < m.rows();) {
    csr a;
    int r = begin;
    for (; r < m.rows() && (r == begin || static_cast<int>(a.columns.size() + m.row(r).size()) <= most_nonzeros); ++r) {
      for (int const c : m.row(r)) a.columns.push_back(static_cast<unsigned>(c));
      a.rows.push_back(static_cast<unsigned>(a.columns.size()));
    }
    a.values.assign(a.columns.size(), 1.0f);
    auto const kernel = make_sparse(r - begin, m.cols(), packs, 1, a);
    if (kernel == nullptr) return false;
    s.calls.push_back(
        {s.kernels.size(), static_cast<std::size_t>(m.row_begin(begin)), 0, static_cast<std::size_t>(begin)});
    s.kernels.push_back(kernel);
    begin = r;
  }
  s.values = all;
  return true;
}

template <class F>
work through_stages(problem const& p, std::size_t count, std::function<int(std::size_t)> const& rows, float const* x,
    float* y, F const& stage_product) {
  std::vector<std::shared_ptr<papillon::buffer<float>>> between;
  for (std::size_t l = 0; l < count; ++l)
    between.push_back(std::make_shared<papillon::buffer<float>>(
        static_cast<std::size_t>(rows(l)) * static_cast<std::size_t>(p.vectors)));
  auto const run = [=] {
    float const* from = x;
    for (std::size_t l = count; l-- > 0;) {
      float* const to = l == 0 ? y : between[l]->data();
      stage_product(l, from, to);
      from = to;
    }
  };
  return {run, p.coefficients() * p.vectors, p.coefficients() * sizeof(float)};
}

work sparse(problem const& p, float const* x, float* y) {
  auto const made = prepared::get<sparse_product>(p, "libxsmm sparse" + p.panel(), [&] {
    sparse_product w;
    auto const all = coefficients_of<float>(p);
    for_each_factor(p, [&](auto const& factor, std::size_t first) {
      stage s;
      bool good = false;
      if constexpr (std::is_same_v<std::decay_t<decltype(factor)>, pattern>)
        good = add_blocks(s, factor, p.vectors / pack, all, first);
      else if constexpr (std::is_same_v<std::decay_t<decltype(factor)>, papillon::csr_mask>)
        good = add_rows(s, factor, p.vectors / pack, all);
      if (!good) s.calls.clear();
      w.factors.push_back(std::move(s));
    });
    return w;
  });
  for (stage const& s : made->factors)
    if (s.calls.empty()) return {};
  auto const width = static_cast<std::size_t>(p.vectors);
  return through_stages(
      p, made->factors.size(), [=](std::size_t l) { return made->factors[l].rows; }, x, y,
      [=](std::size_t l, float const* from, float* to) {
        stage const& s = made->factors[l];
        auto const calls = static_cast<std::ptrdiff_t>(s.calls.size());
#  pragma omp parallel for schedule(static) if (calls > 1)
        for (std::ptrdiff_t i = 0; i < calls; ++i) {
          call const& c = s.calls[static_cast<std::size_t>(i)];
          s.kernels[c.kernel](s.values.data() + c.values, from + c.x * width, to + c.y * width);
        }
      });
}

/// Column-major as LIBXSMM is, Y^T (vectors x b) = X^T (vectors x c) T^T.
struct dense_stage {
  libxsmm_smmfunction kernel;
  pattern f;
  std::vector<float> blocks;
};

work dense(problem const& p, float const* x, float* y) {
  auto const made = prepared::get<std::vector<dense_stage>>(p, "libxsmm dense" + p.panel(), [&] {
    std::vector<dense_stage> all_stages;
    auto const all = coefficients_of<float>(p);
    for_each_factor(p, [&](auto const& factor, std::size_t first) {
      if constexpr (std::is_same_v<std::decay_t<decltype(factor)>, pattern>) {
        pattern const f = factor;
        libxsmm_blasint const ldx = p.vectors * f.d, ldw = f.c;
        float const one = 1, zero = 0;
        int const flags = LIBXSMM_GEMM_FLAG_NONE, prefetch = LIBXSMM_GEMM_PREFETCH_NONE;
        dense_stage s{
            libxsmm_smmdispatch(p.vectors, f.b, f.c, &ldx, &ldw, &ldx, &one, &zero, &flags, &prefetch), f, {}};
        for (int i = 0; i < f.a; ++i)
          for (int l = 0; l < f.d; ++l)
            for (int j = 0; j < f.b; ++j)
              for (int k = 0; k < f.c; ++k)
                s.blocks.push_back(all[first + static_cast<std::size_t>(f.weight(i, j, k, l))]);
        all_stages.push_back(std::move(s));
      }
    });
    return all_stages;
  });
  for (auto const& s : *made)
    if (s.kernel == nullptr) return {};
  auto const width = static_cast<std::size_t>(p.vectors);
  return through_stages(
      p, made->size(), [=](std::size_t l) { return (*made)[l].f.rows(); }, x, y,
      [=](std::size_t l, float const* from, float* to) {
        dense_stage const& s = (*made)[l];
#  pragma omp parallel for schedule(static) collapse(2)
        for (int i = 0; i < s.f.a; ++i)
          for (int l0 = 0; l0 < s.f.d; ++l0)
            s.kernel(from + static_cast<std::size_t>(s.f.col(i, 0, l0)) * width,
                s.blocks.data() +
                    (static_cast<std::size_t>(i) * static_cast<std::size_t>(s.f.d) + static_cast<std::size_t>(l0)) *
                        static_cast<std::size_t>(s.f.b) * static_cast<std::size_t>(s.f.c),
                to + static_cast<std::size_t>(s.f.row(i, 0, l0)) * width);
      });
}

/// Slices of one factor, for as many threads as there may be.
struct slices {
  libxsmm_spmdm_handle handle{};
  libxsmm_CSR_sparseslice* parts = nullptr;
  int rows = 0;
};
struct spmdm_product {
  std::vector<slices> factors;
  spmdm_product() = default;
  spmdm_product(spmdm_product&& other) noexcept : factors(std::exchange(other.factors, {})) {}
  ~spmdm_product() {
    for (slices& s : factors) libxsmm_spmdm_destroy(&s.handle);
  }
};

work spmdm(problem const& p, float const* x, float* y) {
  auto const made = prepared::get<spmdm_product>(
      p, "libxsmm spmdm" + p.panel(),
      [&] {
        spmdm_product w;
        auto const all = coefficients_of<float>(p);
        for_each_factor(
            p,
            [&](auto const& factor, std::size_t first) {
              auto const cols = static_cast<std::size_t>(factor.cols());
              std::vector<float> spelled(static_cast<std::size_t>(factor.rows()) * cols);
              factor.for_each_nonzero([&](int r, int c, int i) {
                spelled[static_cast<std::size_t>(r) * cols + static_cast<std::size_t>(c)] =
                    all[first + static_cast<std::size_t>(i)];
              });
              slices s;
              s.rows = factor.rows();
              libxsmm_spmdm_init(factor.rows(), p.vectors, factor.cols(), omp_get_max_threads(), &s.handle, &s.parts);
              int const blocks = libxsmm_spmdm_get_num_createSparseSlice_blocks(&s.handle);
              for (int i = 0; i < blocks; ++i)
                libxsmm_spmdm_createSparseSlice_fp32_thread(&s.handle, 'N', spelled.data(), s.parts, i, 0, 1);
              w.factors.push_back(s);
            });
        return w;
      });
  return through_stages(
      p, made->factors.size(), [=](std::size_t l) { return made->factors[l].rows; }, x, y,
      [=](std::size_t l, float const* from, float* to) {
        slices const& s = made->factors[l];
        int const blocks = libxsmm_spmdm_get_num_compute_blocks(&s.handle);
        float const one = 1, zero = 0;
#  pragma omp parallel for schedule(static) if (blocks > 1)
        for (int i = 0; i < blocks; ++i)
          libxsmm_spmdm_compute_fp32_thread(
              &s.handle, 'N', 'N', &one, s.parts, from, 'N', &zero, to, i, omp_get_thread_num(), omp_get_num_threads());
      });
}

bool packed(problem const& p) { return p.row_major && p.vectors % pack == 0; }

}  // namespace

template <> std::vector<candidate<float>> libxsmm_candidates() {
  return {
      {"libxsmm_sparse", true, [](problem const& p) { return packed(p) && (p.chain() || p.name == "random"); }, sparse},
      {"libxsmm_spmdm", true,
          [](problem const& p) { return packed(p) && (p.chain() || p.name == "random") && p.rows <= 4096; }, spmdm},
      {"libxsmm_dense", true, [](problem const& p) { return packed(p) && p.chain(); }, dense}};
}
#else
template <> std::vector<candidate<float>> libxsmm_candidates() { return {}; }
#endif
template <> std::vector<candidate<double>> libxsmm_candidates() { return {}; }
template <> std::vector<candidate<std::complex<float>>> libxsmm_candidates() { return {}; }

}  // namespace bench
