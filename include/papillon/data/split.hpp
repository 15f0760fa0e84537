// SPDX-License-Identifier: MIT
/// \file split.hpp
/// Who is a member: a collection split uniformly at random into D_train and D_test of the target network and of the
/// shadow network, validation images within each D_train, and as many images of each D_test as are trained on (the
/// strict reading of the attack). Drawn once for a study; indices refer to the collection and ascend. Its hash covers
/// the images' digests.
#pragma once

#include <algorithm>
#include <iterator>
#include <numeric>

#include <papillon/data/collection.hpp>
#include <papillon/error.hpp>
#include <papillon/io/sha256.hpp>
#include <papillon/random/distributions.hpp>

namespace papillon::inline PAPILLON_ISA::data {

using index_list = std::vector<std::uint32_t>;

struct split_options {
  std::uint32_t per_part = 15000;   ///< images in each of the four parts; those beyond 4 per_part are unused
  std::uint32_t validation = 1000;  ///< of each D_train
  std::uint64_t seed = 0;
};

struct split {
  /// The images of one network.
  struct role {
    index_list trained;      ///< D_train without its validation images: what the network is trained on
    index_list validation;   ///< chooses the epoch that is kept
    index_list test;         ///< D_test: the non-members
    index_list strict_test;  ///< as many of D_test as `trained` has (all of it if it is smaller)

    /// D_train: the members by the paper's letter.
    [[nodiscard]] index_list train() const {
      index_list all;
      std::merge(trained.begin(), trained.end(), validation.begin(), validation.end(), std::back_inserter(all));
      return all;
    }
    friend bool operator==(role const&, role const&) = default;
  };

  std::array<role, 2> roles;  ///< 0 target, 1 shadow
  std::string data_hash;      ///< of the collection the indices belong to
  std::string hash;           ///< of the digests of every list, see split_hash

  [[nodiscard]] role const& target() const { return roles[0]; }
  [[nodiscard]] role const& shadow() const { return roles[1]; }
  friend bool operator==(split const&, split const&) = default;
};

/// The lists of a split under the names they have in files and in the hash; Split is split or split const.
template <class Split> [[nodiscard]] auto named_lists(Split& s) {
  return std::array{std::pair{"target.trained", &s.roles[0].trained},
      std::pair{"target.validation", &s.roles[0].validation}, std::pair{"target.test", &s.roles[0].test},
      std::pair{"target.strict_test", &s.roles[0].strict_test}, std::pair{"shadow.trained", &s.roles[1].trained},
      std::pair{"shadow.validation", &s.roles[1].validation}, std::pair{"shadow.test", &s.roles[1].test},
      std::pair{"shadow.strict_test", &s.roles[1].strict_test}};
}

/// SHA-256 of, for every list, its name, a space, the number of its images, a line end and their digests.
[[nodiscard]] inline std::string split_hash(split const& s, std::span<io::sha256_digest const> digests) {
  io::sha256 hash;
  for (auto const& [name, list] : named_lists(s)) {
    hash.update(message(name, " ", list->size(), "\n"));
    for (std::uint32_t const i : *list) hash.update(std::span<std::uint8_t const>(digests[i]));
  }
  return io::to_hex(hash.finish());
}

namespace detail {

/// A random selection of `count` of the images, ascending.
inline index_list draw(random::stream const& stream, index_list images, std::size_t count) {
  random::engine engine(stream);
  random::shuffle(engine, images);
  images.resize(count);
  std::sort(images.begin(), images.end());
  return images;
}

/// Divides D_train into trained and validation images, and draws the strict selection of D_test.
inline split::role make_role(
    index_list const& train, index_list test, std::uint32_t validation, std::uint64_t seed, std::uint32_t role) {
  split::role r;
  r.validation = draw({seed, role, random::purpose::validation, 0}, train, validation);
  std::set_difference(
      train.begin(), train.end(), r.validation.begin(), r.validation.end(), std::back_inserter(r.trained));
  r.strict_test = draw({seed, role, random::purpose::selection, 0}, test, std::min(r.trained.size(), test.size()));
  r.test = std::move(test);
  return r;
}

/// With the hashes that it has for these images.
[[nodiscard]] inline split hashed(split s, collection const& c) {
  s.data_hash = c.hash;
  s.hash = split_hash(s, c.digests);
  return s;
}

inline void require_sizes(bool good, std::string const& problem) {
  if (!good)
    throw error(errc::usage, message(problem, " choose fewer images for each part, or fewer validation images"));
}

}  // namespace detail

/// The split that the seed gives. Sizes that the collection cannot fill are errc::usage.
[[nodiscard]] inline split draw_split(collection const& c, split_options const& o = {}) {
  std::size_t const n = c.images.size(), part = o.per_part;
  detail::require_sizes(
      part > 0 && 4 * part <= n, message("cannot split ", n, " images (4 parts of ", part, " are asked for)"));
  detail::require_sizes(
      o.validation < part, message("cannot set ", o.validation, " validation images aside (a part has ", part, ")"));
  index_list order(n);
  std::iota(order.begin(), order.end(), 0u);
  random::engine engine(random::stream{o.seed, 0, random::purpose::split, 0});
  random::shuffle(engine, order);

  auto const part_of = [&](std::size_t k) {
    auto const first = order.begin() + static_cast<std::ptrdiff_t>(k * part);
    index_list images(first, first + static_cast<std::ptrdiff_t>(part));
    std::sort(images.begin(), images.end());
    return images;
  };
  split s;
  for (std::uint32_t role = 0; role < 2; ++role)
    s.roles[role] = detail::make_role(part_of(2 * role), part_of(2 * role + 1), o.validation, o.seed, role);
  return detail::hashed(std::move(s), c);
}

/// The data set's own division: the first `train` images of the source are the target's D_train, the others its D_test.
/// There is no shadow.
[[nodiscard]] inline split usual_split(
    collection const& c, std::uint32_t train, std::uint32_t validation, std::uint64_t seed = 0) {
  detail::require_sizes(
      train <= c.images.size(), message("cannot train on ", train, " images (there are ", c.images.size(), ")"));
  detail::require_sizes(validation < train,
      message("cannot set ", validation, " validation images aside (there are ", train, " to train on)"));
  index_list members, others;
  for (std::uint32_t i = 0; i < c.source.size(); ++i) (c.source[i] < train ? members : others).push_back(i);
  split s;
  s.roles[0] = detail::make_role(members, std::move(others), validation, seed, 0);
  return detail::hashed(std::move(s), c);
}

}  // namespace papillon::data
