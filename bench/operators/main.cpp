// SPDX-License-Identifier: MIT
// y = W x and Y = W X: structured against CSR against dense, here and in the peers that were found, case by case.
// Names: <scalar>/<structure>/<rows>x<cols>/<vectors, r for row-major panels>/<candidate>, with /one_thread at the end
// where it has but one.
// --quick: few sizes.
#include "problem.hpp"
#include "roofline.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstring>
#include <ctime>
#include <set>
#include <vector>

#if PAPILLON_BENCH_OPENBLAS
#  include <cblas.h>
#endif
#if PAPILLON_BENCH_FFTW
#  include <fftw3.h>
#endif
#if PAPILLON_BENCH_LIBXSMM
#  include <libxsmm.h>
#endif
#if PAPILLON_BENCH_MKL
#  include <mkl_service.h>
#endif
#include <omp.h>
#include <Eigen/Core>

#include <papillon/operators/fastest_form.hpp>
#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/smallest_monotone.hpp>
#include <papillon/tensor/buffer.hpp>

namespace bench {

void use_threads(int threads) {
  omp_set_num_threads(threads);
  Eigen::setNbThreads(threads);
#if PAPILLON_BENCH_OPENBLAS
  openblas_set_num_threads(threads);
#endif
#if PAPILLON_BENCH_FFTW
  fftwf_plan_with_nthreads(threads);
#endif
#if PAPILLON_BENCH_MKL
  mkl_set_num_threads(threads);
#endif
}

namespace {

using namespace papillon;

int all_threads = 1;

template <class T>
constexpr char const* scalar = std::is_same_v<T, float>    ? "float"
                               : std::is_same_v<T, double> ? "double"
                                                           : "complex";
/// Single-precision operations for one of a T, over two.
template <class T> constexpr double flop_scale = product::is_complex<T> ? 4 : sizeof(T) / sizeof(float);

/// The first vector's product, entry by entry.
template <class T> std::vector<T> reference(problem const& p, matrix_view<T const> x) {
  std::vector<T> v(static_cast<std::size_t>(p.cols));
  for (int r = 0; r < p.cols; ++r) v[static_cast<std::size_t>(r)] = x.at(r, 0);
  if (p.is_transform()) {
    for (std::size_t h = 1; h < v.size(); h *= 2)
      for (std::size_t r = 0; r < v.size(); ++r)
        if ((r & h) == 0) {
          T const a = v[r], b = v[r + h];
          v[r] = a + b;
          v[r + h] = a - b;
        }
    return v;
  }
  auto const all = coefficients_of<T>(p);
  std::vector<std::function<void()>> steps;
  for_each_factor(p, [&](auto const& factor, std::size_t first) {
    steps.push_back([&all, &v, factor, first] {
      std::vector<T> y(static_cast<std::size_t>(factor.rows()), T{});
      factor.for_each_nonzero([&](int r, int c, int i) {
        y[static_cast<std::size_t>(r)] += all[first + static_cast<std::size_t>(i)] * v[static_cast<std::size_t>(c)];
      });
      v = std::move(y);
    });
  });
  for (std::size_t l = steps.size(); l-- > 0;) steps[l]();
  return v;
}

/// A product that is wrong is not worth its time. Sums of up to a thousand terms in any order: some ten thousand
/// roundings.
template <class T> bool agrees(problem const& p, matrix_view<T const> x, matrix_view<T const> y) {
  auto const wanted = reference(p, x);
  double error = 0, size = 0;
  for (int r = 0; r < p.rows; ++r) {
    error += std::norm(std::complex<double>(y.at(r, 0)) - std::complex<double>(wanted[static_cast<std::size_t>(r)]));
    size += std::norm(std::complex<double>(wanted[static_cast<std::size_t>(r)]));
  }
  return std::sqrt(error) <= 1e-3 * std::sqrt(size);
}
constexpr double most_checked = 1 << 22;
/// FFTW computes other transforms; every program's Fourier transform is its own definition's.
template <class T> bool checked(problem const& p, candidate<T> const& c) {
  return p.coefficients() <= most_checked && (!p.is_transform() || (p.name == "hadamard" && c.name != "fftw"));
}

template <class T> struct vectors {
  buffer<T> x, y;
  explicit vectors(problem const& p)
      : x(static_cast<std::size_t>(p.cols) * static_cast<std::size_t>(p.vectors)),
        y(static_cast<std::size_t>(p.rows) * static_cast<std::size_t>(p.vectors)) {
    auto const v = values<T>(x.size(), 3);
    std::copy(v.begin(), v.end(), x.begin());
  }
};

/// The machine as the library sees it.
machine const& figures() {
  static machine const m = measure_machine(exec::omp{});
  return m;
}

/// What the chooser says of the forms in which a structure can be multiplied.
template <class T> void predict(benchmark::State& state, problem const& p) {
  form_times const times = p.chain() ? predict_forms<T>(*p.chain(), p.vectors, figures())
                                     : predict_forms<T>(*p.mask(), p.vectors, figures());
  if (p.chain()) state.counters["predicted chain"] = times.chain;
  state.counters["predicted csr"] = times.csr;
  state.counters["predicted dense"] = times.dense;
}

template <class T> void measure(benchmark::State& state, problem const& p, candidate<T> const& c, int threads) {
  // Google Benchmark calls several times to find out how often to repeat.
  static struct {
    std::string name;
    std::shared_ptr<vectors<T>> v;
    work w;
  } last;
  use_threads(threads);
  std::string const name = p.name + p.shape() + p.panel() + c.name + std::to_string(threads);
  if (last.name != name) {
    last = {};
    auto const v = std::make_shared<vectors<T>>(p);
    work w = c.prepare(p, v->x.data(), v->y.data());
    if (w.run) {
      std::fill(v->y.begin(), v->y.end(), T(7));
      w.run();
      if (checked(p, c) && !agrees<T>(p, p.view<T const>(v->x.data(), p.cols), p.view<T const>(v->y.data(), p.rows)))
        return state.SkipWithError("the product is wrong");
    }
    last = {name, v, std::move(w)};
  }
  if (!last.w.run) return state.SkipWithError("not possible");
  double const begin = omp_get_wtime();
  std::clock_t const processors_begin = std::clock();
  for (auto _ : state) {
    last.w.run();
    benchmark::ClobberMemory();
  }
  // Time of all threads over time: 1 where a product was not divided among them.
  state.counters["threads used"] =
      static_cast<double>(std::clock() - processors_begin) / CLOCKS_PER_SEC / (omp_get_wtime() - begin);
  use_threads(all_threads);
  using benchmark::Counter;
  work const& w = last.w;
  double const least = roofline::of(threads).seconds(w.weight_bytes, w.multiply_adds, flop_scale<T>);
  double const vector_bytes = static_cast<double>(sizeof(T)) * (1.0 * p.rows + p.cols) * p.vectors;
  state.counters["madds/s"] = Counter(w.multiply_adds, Counter::kIsIterationInvariantRate);
  state.counters["bytes/s"] =
      Counter(w.weight_bytes + vector_bytes, Counter::kIsIterationInvariantRate, Counter::kIs1024);
  state.counters["of roofline"] = Counter(least, Counter::kIsIterationInvariantRate);
  state.counters["coefficients"] = p.coefficients();
  if (c.name == "papillon" && threads == all_threads && (p.chain() || p.name.starts_with("random")))
    predict<T>(state, p);
}

/// Dense products of more multiply-adds take seconds.
constexpr double most_multiply_adds = 4e9;

template <class T> void add(problem const& p) {
  if (p.coefficients() * p.vectors > most_multiply_adds) return;
  std::vector<candidate<T>> all = own_candidates<T>();
  for (auto const& more :
      {eigen_candidates<T>(), openblas_candidates<T>(), libxsmm_candidates<T>(), fftw_candidates<T>()})
    all.insert(all.end(), more.begin(), more.end());
  if constexpr (std::is_same_v<T, float>)
    for (auto const& more : {ffht_candidates(), mkl_candidates()}) all.insert(all.end(), more.begin(), more.end());
  for (auto const& c : all) {
    if (!c.takes(p)) continue;
    std::string const name = std::string(scalar<T>) + "/" + p.name + "/" + p.shape() + "/" + p.panel() + "/" + c.name;
    auto const with = [&](int threads, std::string const& suffix) {
      benchmark::RegisterBenchmark(
          (name + suffix).c_str(), [=](benchmark::State& state) { measure<T>(state, p, c, threads); })
          ->UseRealTime()
          ->Unit(benchmark::kMicrosecond);
    };
    if (c.threaded) with(all_threads, "");
    if ((all_threads > 1 && (p.vectors == 1 || p.vectors == 64)) || !c.threaded)
      with(1, c.threaded ? "/one_thread" : "");
  }
}

/// The panels of a size: one vector, and where there is room for it panels in columns and in rows.
std::vector<std::pair<int, bool>> panels(bool all) {
  if (all) return {{1, false}, {8, false}, {64, false}, {64, true}, {512, false}};
  return {{1, false}, {64, false}, {64, true}};
}

/// A mask with so many coefficients among rows x cols.
shared_mask random_mask(int rows, int cols, double coefficients) {
  return std::make_shared<csr_mask const>(random_support(rows, cols, coefficients / (1.0 * rows * cols)));
}
shared_mask full_mask(int rows, int cols) {
  return std::make_shared<csr_mask const>(
      rows, cols, std::vector<std::uint8_t>(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols), 1));
}

/// The divisor of n that is nearest to its square root from below.
int near_root(int n) {
  int p = static_cast<int>(std::sqrt(n));
  while (n % p != 0) --p;
  return p;
}

struct named {
  std::string name;
  any_structure w;
};

/// Squares: dense, chains, as many nonzeros at random as Monarch has, and several densities at one size.
std::vector<named> square_structures(int n, bool densities) {
  int const p = near_root(n);
  auto const monarch = make_monarch(n, n, p, p);
  std::vector<named> all{{"dense", dense(n, n)}, {"monarch", monarch}, {"chain2", make_smallest_monotone(n, n, 2)},
      {"chain3", make_smallest_monotone(n, n, 3)}};
  if (std::has_single_bit(static_cast<unsigned>(n))) {
    int const levels = std::countr_zero(static_cast<unsigned>(n));
    auto const dyadic = make_dyadic_butterfly(levels);
    all.push_back({"dyadic", dyadic});
    // Its first three factors: a product that is sparse, 8 nonzeros a row.
    auto const factors = dyadic.factors();
    all.push_back({"partial", runtime_chain({factors.begin(), factors.begin() + 3})});
    all.push_back({"hadamard", transform{n}});
  }
  if (n <= 4096) all.push_back({"random", random_mask(n, n, monarch.nnz())});
  if (n <= 512) all.push_back({"full", full_mask(n, n)});
  if (densities)
    for (double const percent : {0.2, 0.8, 12.5, 50.0}) {
      std::string text = std::to_string(percent);
      text.resize(text.find('.') + 2);
      all.push_back({"random" + text, random_mask(n, n, percent / 100 * n * n)});
    }
  return all;
}

void add_all(bool quick) {
  std::vector<int> const sizes = quick ? std::vector<int>{64, 1024, 4096}
                                       : std::vector<int>{64, 128, 256, 512, 1000, 1024, 2048, 3000, 4096, 8192, 16384};
  std::set<int> const with_all_panels{64, 1024, 4096};
  for (int const n : sizes) {
    auto const structures = square_structures(n, n == 1024);
    for (auto const& [vectors, row_major] : panels(with_all_panels.contains(n)))
      for (auto const& s : structures) add<float>({s.name, s.w, n, n, vectors, row_major});
  }
  for (auto const& [rows, cols] : {std::pair{16, 144}, {32, 144}, {32, 288}, {64, 288}, {64, 576}})
    for (auto const& [vectors, row_major] : panels(false)) {
      add<float>({"dense", dense(rows, cols), rows, cols, vectors, row_major});
      add<float>({"full", full_mask(rows, cols), rows, cols, vectors, row_major});
      for (int const depth : {2, 3}) {
        auto const w = make_smallest_monotone(rows, cols, depth);
        add<float>({"chain" + std::to_string(depth), w, rows, cols, vectors, row_major});
      }
    }
  for (int const n : quick ? std::vector<int>{1024} : std::vector<int>{1024, 4096})
    for (auto const& [vectors, row_major] : {std::pair{1, false}, {64, false}}) {
      for (auto const& s : square_structures(n, false))
        if (s.name == "dense" || s.name == "monarch" || s.name == "dyadic") {
          add<double>({s.name, s.w, n, n, vectors, row_major});
          add<std::complex<float>>({s.name, s.w, n, n, vectors, row_major});
        }
      add<std::complex<float>>({"dft", transform{n}, n, n, vectors, row_major});
    }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bool quick = false;
  argc = static_cast<int>(std::remove_if(argv + 1, argv + argc, [&](char const* word) {
    bool const found = std::strcmp(word, "--quick") == 0;
    quick = quick || found;
    return found;
  }) - argv);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
#if PAPILLON_BENCH_FFTW
  fftwf_init_threads();
#endif
  bench::all_threads = omp_get_max_threads();
  bench::use_threads(bench::all_threads);
  bench::add_context();
  bench::add_roofline_context();
  static_cast<void>(bench::figures());  // while the machine is quiet
  benchmark::AddCustomContext("Eigen", std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) +
                                           "." + std::to_string(EIGEN_MINOR_VERSION));
#if PAPILLON_BENCH_OPENBLAS
  benchmark::AddCustomContext("OpenBLAS", openblas_get_config());
#endif
#if PAPILLON_BENCH_LIBXSMM
  benchmark::AddCustomContext("LIBXSMM", LIBXSMM_VERSION);
#endif
#if PAPILLON_BENCH_FFTW
  benchmark::AddCustomContext("FFTW", fftwf_version);
#endif
#if PAPILLON_BENCH_FFHT
  benchmark::AddCustomContext("FFHT", PAPILLON_BENCH_FFHT_VERSION);
#endif
#if PAPILLON_BENCH_MKL
  MKLVersion mkl;
  mkl_get_version(&mkl);
  benchmark::AddCustomContext(
      "MKL", std::to_string(mkl.MajorVersion) + "." + std::to_string(mkl.MinorVersion) + ", code for " + mkl.Processor);
#endif
  bench::add_all(quick);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
