// SPDX-License-Identifier: MIT
// A chain as the command `patterns` takes it, and its picture.
#include <papillon/structure/draw.hpp>

#include <study/chain_text.hpp>

#include "target.hpp"

namespace {

using namespace papillon;

void run(std::string_view input) {
  runtime_chain chain({{1, 1, 1, 1}});
  if (input.size() > 1000 || !fuzz::accepted([&] { chain = study::read_chain(input); })) return;
  std::string text;
  for (pattern const p : chain.factors()) text += to_string(p);
  fuzz::require(study::read_chain(text) == chain, "a chain changed");
  if (chain.nnz() > 1 << 16 || static_cast<long long>(chain.rows()) * chain.cols() > 1 << 14) return;
  fuzz::accepted([&] {
    fuzz::require(draw_text(chain).find_first_of("#+") != std::string::npos, "a picture without a nonzero");
    fuzz::require(draw_svg(chain).ends_with("</svg>\n"), "a picture without an end");
  });
}

std::vector<std::string> seeds() {
  return {"(1,8,8,2)(8,2,18,1)", "(1, 2, 1, 1) (1, 1, 3, 1)", "butterfly:16", "monarch:21,16,3,4", "monotone:64,576,2",
      "(4,2,18,3)"};
}

fuzz::registration const registered({"chains", run, seeds});

}  // namespace
