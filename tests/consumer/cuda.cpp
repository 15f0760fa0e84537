// SPDX-License-Identifier: MIT
// A kernel and a chain of one's own on the CUDA device, or one line that says there is none.
#include <papillon/papillon.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

#include "squares.hpp"

using namespace papillon;

int main() {
  try {
    exec::device const on = exec::cuda{};
    std::vector<float> const x{1, 2, 3};
    std::vector<float> y(3);
    exec::memory<float> in(on, 3), out(on, 3);
    in.upload(x);
    on.launch(squares{in.data(), out.data(), 3});
    out.download(y);

    using weight = chain<pattern{1, 4, 3, 2}, pattern{2, 3, 5, 1}>;
    nn::structured_product const product(weight{}, false);
    exec::memory<int> tables(on, product.tables().size());
    tables.upload(product.tables());
    std::vector<float> const w(static_cast<std::size_t>(weight::nnz), 0.5f), ones(10 * 32, 1);
    exec::memory<float> parameters(on, w.size()), from(on, ones.size()), to(on, 8 * 32),
        scratch(on, product.scratch(32, false));
    parameters.upload(w);
    from.upload(ones);
    nn::forward_args<float, exec::device_lanes> a;
    a.parameters = parameters.view();
    a.x = {from.data(), {10}, 32};
    a.y = {to.data(), {8}, 32};
    a.scratch = scratch.view();
    a.tables = tables.view();
    product.forward(on, a);
    std::vector<float> result(to.size());
    to.download(result);
    bool right = y == std::vector<float>{1, 4, 9};
    for (float const v : result) right = right && std::abs(v - 3 * 5 * 0.25f) < 1e-5f;
    std::puts(right ? "as expected" : "wrong");
    return right ? 0 : 1;
  } catch (error const& e) {
    std::printf("%s\n", e.what());
    return static_cast<int>(e.code());
  }
}
