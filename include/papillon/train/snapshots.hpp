// SPDX-License-Identifier: MIT
/// \file snapshots.hpp
/// Weights of epochs on the way, one file each ("snapshot-epoch-012.safetensors", a weights checkpoint): at the ends of
/// listed epochs, and of every epoch whose validation accuracy is a record. The first epoch of at least a given
/// accuracy is always a record, so records answer every such question. A training's observer writes them, from the
/// state that it is shown anyway; a training checkpoint written after the epoch's snapshot resumes to the same files.
#pragma once

#include <papillon/io/directory_entries.hpp>
#include <papillon/train/checkpoint.hpp>
#include <papillon/train/training_observer.hpp>

namespace papillon::inline PAPILLON_ISA::train {

/// Which epochs' weights are kept.
struct snapshots {
  std::vector<int> epochs{};  ///< these, counted from 0
  bool records = false;       ///< and every one whose validation accuracy exceeds that of all before

  [[nodiscard]] bool include(epoch_metrics const& m) const {
    return (records && m.record) || std::find(epochs.begin(), epochs.end(), m.epoch) != epochs.end();
  }
  friend bool operator==(snapshots const&, snapshots const&) = default;
};

/// "snapshot-epoch-012.safetensors"; more digits from epoch 1000 on.
[[nodiscard]] inline std::string snapshot_name(int epoch) {
  std::string const number = std::to_string(epoch);
  return "snapshot-epoch-" + std::string(number.size() < 3 ? 3 - number.size() : 0, '0') + number + ".safetensors";
}

/// Writes the weights that an observer is shown after an epoch into `directory`. Errors as for save_weights.
template <class Network, class T>
void save_snapshot(std::filesystem::path const& directory, Network const& net, epoch_metrics const& m,
    training_state<T> const& state, std::vector<std::uint8_t> keep = {}, checkpoint_notes notes = {}) {
  save_weights(directory / snapshot_name(m.epoch), net,
      weights_checkpoint<T>{state.last, std::move(keep), m.epoch, m.validation_accuracy, std::move(notes)});
}

/// Epochs of which `directory` has snapshots, ascending; none where there is no such directory. Throws papillon::error
/// (failed) where it cannot be listed.
[[nodiscard]] inline std::vector<int> snapshot_epochs(std::filesystem::path const& directory) {
  std::vector<int> epochs;
  for (auto const& entry : io::directory_entries(directory)) {
    std::string const name = entry.filename().string();
    auto const digit = std::min(name.find_first_of("0123456789"), name.size());
    int epoch = 0;
    std::from_chars(name.data() + digit, name.data() + name.size(), epoch);
    if (name == snapshot_name(epoch)) epochs.push_back(epoch);
  }
  std::sort(epochs.begin(), epochs.end());
  return epochs;
}

/// Reads the snapshot of an epoch of `net`, or of a network with the same slots. Throws papillon::error (bad_input) if
/// there is none, or as load_weights.
template <class T, class Network>
[[nodiscard]] weights_checkpoint<T> load_snapshot(
    std::filesystem::path const& directory, int epoch, Network const& net) {
  auto const path = directory / snapshot_name(epoch);
  if (std::error_code unknown; !std::filesystem::exists(std::filesystem::status(path, unknown)))
    throw error(errc::bad_input, message("no snapshot of epoch ", epoch, " (", path.string(),
                                     " does not exist) list the epoch among those to be kept before training"));
  return load_weights<T>(path, net);
}

/// The first epoch whose validation accuracy is at least `accuracy`, a fraction as are those of epochs 0, 1, ...; -1:
/// none.
[[nodiscard]] inline int first_epoch_reaching(double accuracy, std::span<double const> of_epochs) {
  auto const found = std::find_if(of_epochs.begin(), of_epochs.end(), [&](double a) { return a >= accuracy; });
  return found == of_epochs.end() ? -1 : static_cast<int>(found - of_epochs.begin());
}

}  // namespace papillon::train
