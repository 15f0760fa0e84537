// SPDX-License-Identifier: MIT
// papillon patterns: the supports of a chain of Kronecker-sparse factors, as text and as a picture.
#include <cstdio>

#include <papillon/io/atomic_file.hpp>
#include <papillon/structure/draw.hpp>
#include <papillon/structure/runtime_chain.hpp>
#include <study/chain_text.hpp>

#include "commands.hpp"

namespace papillon::app {

void patterns(options const& o) {
  auto const chain = study::read_chain(o.chain);
  std::printf("%d x %d, %d factors, %d nonzeros (%.2f %% of dense)%s\n\n", chain.rows(), chain.cols(), chain.depth(),
      chain.nnz(), 100.0 * chain.nnz() / (static_cast<double>(chain.rows()) * chain.cols()),
      is_chainable(chain) ? "" : ", not chainable");
  std::fputs(draw_text(chain).c_str(), stdout);
  if (!o.svg.empty()) io::write_atomically(o.svg, draw_svg(chain));
}

}  // namespace papillon::app
