// SPDX-License-Identifier: MIT
/// \file parameter_free.hpp
/// What a layer without parameters declares: no slots, nothing saved, no scratch, no multiply-adds. A base class.
#pragma once

#include <vector>

#include <papillon/nn/layer.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

class parameter_free {
 public:
  [[nodiscard]] std::vector<slot> parameters() const { return {}; }
  [[nodiscard]] std::vector<slot> state() const { return {}; }
  [[nodiscard]] std::size_t saved_size() const { return 0; }
  template <exec::place P> [[nodiscard]] std::size_t scratch_size(P const&, int, int, mode) const { return 0; }
  [[nodiscard]] std::size_t macs() const { return 0; }
};

}  // namespace papillon::nn
