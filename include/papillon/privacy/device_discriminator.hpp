// SPDX-License-Identifier: MIT
/// \file device_discriminator.hpp
/// A discriminator trained on a device: samples, values and moments of Adam stay there. Per epoch the order of the
/// samples and the constants of Adam's steps go up; the launches of a step are recorded once for each size of a batch
/// and replayed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <papillon/exec/recording.hpp>
#include <papillon/exec/stream.hpp>
#include <papillon/privacy/attack_kernels.hpp>
#include <papillon/privacy/discriminator.hpp>
#include <papillon/train/device_adam.hpp>
#include <papillon/train/optimiser_kernels.hpp>

namespace papillon::inline PAPILLON_ISA::privacy {

/// See discriminator.hpp: the same order of samples and initial values, sums in another order.
template <exec::device_policy Policy>
class discriminator<Policy> {
 public:
  discriminator(Policy const& policy, samples const& data, std::span<std::uint32_t const> rows,
                discriminator_settings const& settings, std::uint64_t seed)
      : stream_(policy), network_(make_perceptron<exec::device_lanes>(static_cast<int>(data.width()), settings.hidden)),
        weights_(nn::initialise(network_, {seed, 1, random::purpose::discriminator_initialisation})),
        scaling_(scaling_of(data, rows, settings)) {
    fit(data, rows, settings, {seed, 1, random::purpose::discriminator_order});
  }

  [[nodiscard]] nn::network<float, exec::device_lanes> const& network() const { return network_; }
  [[nodiscard]] nn::weights<float> const& weights() const { return weights_; }

  /// The logit of each of the given rows; positive: a member.
  [[nodiscard]] std::vector<float> scores(samples const& data, std::span<std::uint32_t const> rows) const {
    constexpr std::size_t most = 1024;
    sample_rows const table(on(), data, scaling_, rows.size());
    nn::device_workspace<float> workspace(on(), network_, static_cast<int>(most), nn::mode::eval);
    workspace.parameters().upload(weights_.parameters);
    table.order.upload(rows);
    std::vector<float> all(rows.size());
    for (std::size_t first = 0; first < rows.size(); first += most) {
      auto const images = static_cast<int>(std::min(most, rows.size() - first));
      table.begin_at(static_cast<int>(first));
      table.gather(on(), images, workspace.input().data());
      workspace.forward(on(), network_, nn::mode::eval, images);
      workspace.read_logits(network_, images, std::span(all).subspan(first, static_cast<std::size_t>(images)));
    }
    return all;
  }
  [[nodiscard]] std::vector<float> scores(samples const& data) const { return scores(data, all_rows(data)); }

 private:
  /// Samples on the device, and which of them make up the next batch.
  struct sample_rows {
    sample_rows(exec::device const& on, samples const& data, feature_scaling const& scaling, std::size_t rows)
        : table(on, data.features.size()), shift(on, data.width()), scale(on, data.width()), members(on, data.size()),
          order(on, rows), at(on, 1), width(static_cast<int>(data.width())) {
      table.upload({data.features.data(), data.features.size()});
      shift.upload(scaling.shift);
      scale.upload(scaling.scale);
      members.upload(data.members);
    }
    void begin_at(int first) const {
      privacy::row_position const begin{first, -1};
      at.upload({&begin, 1});
    }
    void gather(exec::device const& d, int images, float* x) const {
      nn::for_each_value(d, privacy::row_value<float>{table.data(), order.data(), at.data(), shift.data(), scale.data(),
                                                      x, width, images});
    }

    exec::memory<float> table, shift, scale;
    exec::memory<std::uint8_t> members;
    exec::memory<std::uint32_t> order;
    exec::memory<privacy::row_position> at;
    int width;
  };

  [[nodiscard]] exec::device const& on() const { return stream_.on(); }

  void fit(samples const& data, std::span<std::uint32_t const> rows, discriminator_settings const& settings,
           random::stream const& order_stream) {
    auto const most = static_cast<int>(std::min(static_cast<std::size_t>(settings.batch), rows.size()));
    auto const count = network_.parameter_count();
    sample_rows const table(on(), data, scaling_, rows.size());
    nn::device_workspace<float> workspace(on(), network_, most, nn::mode::train);
    int const steps = exec::blocks_for(static_cast<int>(rows.size()), most);
    exec::memory<float> const first(on(), count), second(on(), count),
        constants(on(), 2 * static_cast<std::size_t>(steps)), step(on(), 2);
    workspace.parameters().upload(weights_.parameters);
    first.clear();
    second.clear();
    train::adam_settings const adam{.learning_rate = settings.learning_rate};
    auto const launch = [&](exec::device const& d, int images) {
      using namespace nn;
      for_each_value(d, next_rows<float>{table.at.data(), constants.data(), step.data(), most});
      table.gather(d, images, workspace.input().data());
      workspace.forward(d, network_, nn::mode::train, images);
      for_each_value(d, binary_derivative<float>{workspace.logits(), table.members.data(), table.order.data(),
                                                 table.at.data(), workspace.dlogits().data(), images});
      workspace.backward(d, network_, images);
      for_each_value(d, train::adam_kernel<float>(adam, workspace.gradient().data(), first.data(), second.data(),
                                                  workspace.parameters().data(), step.data(), static_cast<int>(count)));
    };
    std::map<int, exec::recording> recorded;  // by number of images: whole batches, and what is left
    std::vector<std::uint32_t> order(rows.begin(), rows.end());
    std::vector<float> constants_of_epoch(constants.size());
    for (int epoch = 0; epoch < settings.epochs; ++epoch) {
      std::copy(rows.begin(), rows.end(), order.begin());
      random::engine engine(order_stream, static_cast<std::uint32_t>(epoch));
      random::shuffle(engine, order);
      for (int s = 0; s < steps; ++s) {
        auto const c = train::adam_constants<float>(adam, epoch * steps + s + 1);
        std::copy(c.begin(), c.end(), constants_of_epoch.begin() + 2 * s);
      }
      table.order.upload(order);
      constants.upload(constants_of_epoch);
      table.begin_at(-most);
      for (int left = static_cast<int>(rows.size()); left > 0; left -= most) {
        int const images = std::min(left, most);
        exec::recording& batch = recorded[images];
        if (batch.empty()) batch = exec::recording(on(), [&](exec::device const& d) { launch(d, images); });
        batch.replay();
      }
    }
    workspace.parameters().download(weights_.parameters);
  }

  exec::stream stream_;
  nn::network<float, exec::device_lanes> network_;
  nn::weights<float> weights_;
  feature_scaling scaling_;
};

}  // namespace papillon::privacy
