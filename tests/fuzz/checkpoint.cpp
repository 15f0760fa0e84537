// SPDX-License-Identifier: MIT
// This program's own checkpoints, of weights, of a training and of pruned networks, with the hashes that belong to
// them.
#include <limits>

#include <papillon/train/checkpoint.hpp>

#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;
using nn::slot_kind;

struct small_model {
  std::vector<nn::slot> parameter_slots, state_slots;
  small_model() {
    std::size_t parameters = 0, state = 0;
    auto const add = [](std::vector<nn::slot>& list, std::size_t& count, nn::slot s) {
      s.offset = count;
      count += s.size;
      list.push_back(std::move(s));
    };
    add(parameter_slots, parameters, nn::make_slot("conv1.weight", slot_kind::convolution, {2, 1, 1, 2}));
    add(parameter_slots, parameters, nn::make_slot("bn1.weight", slot_kind::norm_weight, {2}));
    add(parameter_slots, parameters, nn::make_slot("fc.weight", slot_kind::linear, {3, 2}));
    add(state_slots, state, nn::make_slot("bn1.running_mean", slot_kind::running_mean, {2}));
  }
  [[nodiscard]] std::vector<nn::slot> const& parameters() const { return parameter_slots; }
  [[nodiscard]] std::vector<nn::slot> const& state() const { return state_slots; }
};

void run(std::string_view input) {
  small_model const net;
  auto const path = fuzz::safetensors_with(input, "checkpoint.safetensors"), again = fuzz::directory() / "again";
  io::safetensors file;
  if (!fuzz::accepted([&] { file = io::safetensors::read(path); })) return;
  file.metadata["slots"] = train::detail::slots_hash(net.parameters(), net.state());
  file.metadata["sha256"] = train::detail::contents_hash(file);
  file.write(path);
  fuzz::accepted([&] {
    auto const read = train::load_weights<float>(path, net);
    train::save_weights(again, net, read);
    auto const back = train::load_weights<float>(again, net);
    fuzz::require(back.weights == read.weights && back.keep == read.keep && back.epoch == read.epoch &&
                      back.accuracy == read.accuracy && back.notes == read.notes,
        "weights changed");
  });
  fuzz::accepted([&] {
    auto const read = train::load_training<float>(path, net);
    train::save_training(again, net, read);
    auto const back = train::load_training<float>(again, net);
    fuzz::require(back.state.last == read.state.last && back.state.best == read.state.best &&
                      back.state.optimiser == read.state.optimiser && back.state.epochs == read.state.epochs &&
                      back.state.beside == read.state.beside && back.keep == read.keep && back.notes == read.notes,
        "a training changed");
  });
}

std::vector<std::string> seeds() {
  small_model const net;
  auto const path = fuzz::directory() / "seed";
  std::vector<std::string> all;
  train::weights_checkpoint<float> weights{{std::vector<float>(12, 0.5F), {1, 2}}, {}, 3, 0.5, {{"build", "g++"}}};
  train::save_weights(path, net, weights);
  all.push_back(fuzz::input_of(path));
  weights.keep.assign(12, 1);
  weights.keep[4] = 0;
  weights.weights.parameters[4] = 0;
  train::save_weights(path, net, weights);
  all.push_back(fuzz::input_of(path));
  train::training_checkpoint<float> training;
  training.state.last = training.state.best = {std::vector<float>(12, 0.25F), {1, 2}};
  training.state.optimiser.assign(12, 0.125F);
  training.state.epochs = 2;
  training.state.beside = {{"admm.z", {0.5F, 0, 2}}};
  train::save_training(path, net, training);
  all.push_back(fuzz::input_of(path));
  return all;
}

fuzz::registration const registered({"checkpoint", run, seeds});

}  // namespace
