// SPDX-License-Identifier: MIT
/// \file step_list.hpp
/// In which steps a network's list of layers runs. Unmerged, a layer is a step. Merged (under `omp`), a convolution and
/// the batch norm that alone reads it are one step, and where the first reader of the norm is a convolution, the norm
/// is *deferred* to it: in training it is applied while that convolution reads its input, and its derivative's sums are
/// formed while that convolution writes it. So an activation that nobody else reads is never in memory.
#pragma once

#include <papillon/nn/run/network.hpp>

namespace papillon::inline PAPILLON_ISA::nn {

struct step {
  int first = 0, last = 0;      ///< nodes: a convolution and its norm, or one layer
  int from = 0, shortcut = -1;  ///< nodes read; -1: none
  int reader = -1;              ///< the step that first reads the output; -1: none
  int last_reader = -1;
  bool rows = false;               ///< `first` works row by row (nn/fusion.hpp) and is driven so
  bool norm = false;               ///< `last` is a map of its channels: a batch norm
  bool deferred = false;           ///< ... which `reader` applies (training only)
  bool stored = true;              ///< whether the output is written to memory
  bool shared_derivative = false;  ///< the derivative of `shortcut` is that of the output, in the same place (training)
};

class step_list {
 public:
  template <class T, int L>
  step_list(network<T, L> const& net, bool merged, bool training)
      : step_of_(static_cast<std::size_t>(net.size()) + 1, -1) {
    std::vector<int> readers(static_cast<std::size_t>(net.size()) + 1), norm_of(readers.size(), -1);
    for (int i = 1; i <= net.size(); ++i) {
      ++readers[static_cast<std::size_t>(net.at(i).from)];
      if (net.at(i).shortcut >= 0) ++readers[static_cast<std::size_t>(net.at(i).shortcut)];
    }
    if (merged)
      for (int i = 1; i < net.size(); ++i) {  // the last layer's derivative is the caller's: never merged
        int const from = net.at(i).from;
        if (net.at(i).layer.channel_map() != nullptr && from > 0 && net.at(from).layer.by_rows() != nullptr &&
            readers[static_cast<std::size_t>(from)] == 1)
          norm_of[static_cast<std::size_t>(from)] = i;
      }
    for (int i = 1; i <= net.size(); ++i) {
      if (norm_of[static_cast<std::size_t>(i)] > 0) continue;  // runs where its norm stands
      bool const norm = merged && net.at(i).from > 0 && norm_of[static_cast<std::size_t>(net.at(i).from)] == i;
      step s;
      s.first = norm ? net.at(i).from : i;
      s.last = i;
      s.from = net.at(s.first).from;
      s.shortcut = net.at(i).shortcut;
      s.rows = merged && net.at(s.first).layer.by_rows() != nullptr;
      s.norm = norm;
      for (int read : {s.from, s.shortcut}) {
        int const t = read > 0 ? step_of_[static_cast<std::size_t>(read)] : -1;
        if (t < 0) continue;
        step& source = steps_[static_cast<std::size_t>(t)];
        if (source.reader < 0) source.reader = size();
        source.last_reader = size();
      }
      step_of_[static_cast<std::size_t>(i)] = size();
      if (s.rows) row_steps_.push_back(size());
      steps_.push_back(s);
    }
    if (!training) return;
    for (int t = 0; t < size(); ++t) {
      step& s = steps_[static_cast<std::size_t>(t)];
      if (s.norm && s.reader >= 0) {
        step const& r = at(s.reader);
        s.deferred = r.rows && r.from == s.last;
        s.stored = !s.deferred || readers[static_cast<std::size_t>(s.last)] > 1;
      }
      // The step reads its derivative before any other writer of the shortcut's comes.
      s.shared_derivative =
          s.norm && s.shortcut > 0 && s.shortcut != s.from && at(index_of(s.shortcut)).last_reader == t;
    }
  }

  [[nodiscard]] int size() const { return static_cast<int>(steps_.size()); }
  [[nodiscard]] step const& at(int t) const { return steps_[static_cast<std::size_t>(t)]; }
  [[nodiscard]] std::vector<step> const& steps() const { return steps_; }
  /// Indices of those that work row by row.
  [[nodiscard]] std::vector<int> const& row_steps() const { return row_steps_; }
  /// The step whose output node i > 0 is.
  [[nodiscard]] int index_of(int node) const { return step_of_[static_cast<std::size_t>(node)]; }

 private:
  std::vector<step> steps_;
  std::vector<int> step_of_, row_steps_;
};

}  // namespace papillon::nn
