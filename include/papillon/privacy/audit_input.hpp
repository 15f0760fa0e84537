// SPDX-License-Identifier: MIT
/// \file audit_input.hpp
/// What an audit looks at, as views of the caller's numbers: vectors, spans, Eigen and xtensor matrices of any number
/// type (tensor/any_matrix_view.hpp). Arrays of more than two axes are given flat, in C order; shapes follow from the
/// number of `members`.
#pragma once

#include <papillon/tensor/any_matrix_view.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// n images, C classes, Q queries, N references, m images of the population. Only `members` and one of `scores` and
/// `outputs` have to be given. Outputs are logits; or probabilities, which are recognised (no row has a negative
/// number, every row's sum is 1 within 1e-3) and taken as their logarithms: float32 has no digits left for
/// probabilities near 1, so logits show more.
struct audit_input {
  /// What one network answers about images of which is known whether it was trained on them.
  struct network {
    any_matrix_view outputs;  ///< [Q][images][C]
    any_matrix_view labels;   ///< [images], 0 to C - 1
    any_matrix_view members;  ///< [images], 1 for members and 0 for others
    any_matrix_view
        response;  ///< [images][C], mean change of each probability under noise (features.hpp); may be empty
  };
  /// Networks trained as the target was, of which is known on what.
  struct reference_networks {
    any_matrix_view outputs;  ///< [N][Q][n][C], about the target's images
    any_matrix_view members;  ///< [N][n], 1 where the reference was trained on the image; empty: on none of them
  };
  /// Images that neither the target nor a reference was trained on.
  struct population_images {
    any_matrix_view outputs;     ///< [Q][m][C], the target's
    any_matrix_view labels;      ///< [m]
    any_matrix_view references;  ///< [N][Q][m][C], the references'
  };

  any_matrix_view scores{};    ///< [n], of any tool; higher for members
  any_matrix_view outputs{};   ///< [Q][n][C], the target's
  any_matrix_view labels{};    ///< [n], 0 to C - 1
  any_matrix_view members{};   ///< [n], 1 for members and 0 for others
  any_matrix_view response{};  ///< [n][C], as of a network

  network shadow{};  ///< a network of the attacker's own: thresholds transfer, discriminators are trained
  reference_networks references{};  ///< calibrated, RMIA, LiRA
  population_images population{};   ///< RMIA's own score
  int queries = 1;                  ///< Q, of all outputs
  bool probabilities = false;       ///< outputs are probabilities even where they are not recognised
  bool discriminators = true;  ///< whether to train the nine discriminators where there is a shadow: a minute or so
};

}  // namespace papillon::privacy
