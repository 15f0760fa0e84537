// SPDX-License-Identifier: MIT
/// \file finished_discriminators.hpp
/// The discriminators that the paper's attack on one experiment has finished, while the attack is not: a part file each
/// (part_file.hpp), in a directory beside the attack's own that goes once that is written. Those that are not whole, of
/// another attack or made by another build or device are trained again.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include <papillon/privacy/attack_result.hpp>

#include <study/identity.hpp>
#include <study/part_file.hpp>

namespace papillon::study {

/// See the file's comment. One at a time may be kept.
class finished_discriminators {
 public:
  /// Of the attack whose part file is given, or will be.
  finished_discriminators(std::filesystem::path const& attack, identity work, maker made_by);

  /// What discriminator `number` came to under a reading of "member" ("all", "strict"), if that is known.
  [[nodiscard]] std::optional<privacy::discriminator_outcome> find(
      std::string const& reading, std::size_t number) const;
  /// Writes it down; not where a score is not finite, which a file could not say. Throws errc::failed.
  void keep(std::string const& reading, std::size_t number, privacy::discriminator_outcome const& found) const;
  /// Removes all of them. What cannot be removed stays.
  void remove() const noexcept;

  /// Removes, in the directory of the attacks, what is left of those that are finished.
  static void sweep(std::filesystem::path const& attacks) noexcept;
  /// Whether a directory is one of these.
  [[nodiscard]] static bool is_of(std::filesystem::path const& directory);

 private:
  std::filesystem::path directory_;
  identity work_;
  maker made_by_;
};

}  // namespace papillon::study
