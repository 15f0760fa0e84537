// SPDX-License-Identifier: MIT
#include <study/finished_discriminators.hpp>

#include <system_error>
#include <utility>
#include <vector>

#include <papillon/error.hpp>
#include <papillon/io/finite.hpp>

#include <study/directories.hpp>
#include <study/results.hpp>

namespace papillon::study {

namespace {

constexpr char const* ending = ".unfinished";

std::filesystem::path place_in(
    std::filesystem::path const& directory, std::string const& reading, std::size_t number, identity const& work) {
  return directory / message(reading, "-", number, "-", work.short_hash(), ".json");
}

}  // namespace

finished_discriminators::finished_discriminators(std::filesystem::path const& attack, identity work, maker made_by)
    : directory_(std::filesystem::path(attack).replace_extension(ending)), work_(std::move(work)),
      made_by_(std::move(made_by)) {}

std::optional<privacy::discriminator_outcome> finished_discriminators::find(
    std::string const& reading, std::size_t number) const {
  auto const work = discriminator_identity(work_.hash, reading, number);
  auto const file = place_in(directory_, reading, number, work);
  if (!is_there(file)) return {};
  try {
    if (auto const seal = read_seal(file); !seal || seal->made_by != made_by_) return {};
    auto kept = read_part<kept_discriminator>(file, work);
    return privacy::discriminator_outcome{std::move(kept.result), {kept.scores.begin(), kept.scores.end()}};
  } catch (error const&) {  // of no use, and made again
    return {};
  }
}

void finished_discriminators::keep(
    std::string const& reading, std::size_t number, privacy::discriminator_outcome const& found) const {
  auto const& scores = found.target_scores;
  if (io::first_not_finite(scores) < scores.size()) return;
  make_directory(directory_);
  auto const work = discriminator_identity(work_.hash, reading, number);
  write_part(place_in(directory_, reading, number, work), work,
      kept_discriminator{found.result, {scores.begin(), scores.end()}}, made_by_);
}

void finished_discriminators::remove() const noexcept {
  std::error_code problem;
  std::filesystem::remove_all(directory_, problem);
}

void finished_discriminators::sweep(std::filesystem::path const& attacks) noexcept {
  std::error_code problem;
  std::vector<std::filesystem::path> left;
  for (std::filesystem::directory_iterator at(attacks, problem), end; !problem && at != end; at.increment(problem))
    if (is_of(at->path()) && is_there(std::filesystem::path(at->path()).replace_extension(".json")))
      left.push_back(at->path());
  for (auto const& directory : left) std::filesystem::remove_all(directory, problem);
}

bool finished_discriminators::is_of(std::filesystem::path const& directory) { return directory.extension() == ending; }

}  // namespace papillon::study
