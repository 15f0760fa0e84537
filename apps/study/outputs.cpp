// SPDX-License-Identifier: MIT
#include <study/outputs.hpp>

#include <algorithm>

#include <papillon/error.hpp>
#include <papillon/io/finite.hpp>
#include <papillon/io/npy.hpp>
#include <papillon/privacy/signals.hpp>

namespace papillon::study {

network_outputs::network_outputs(std::filesystem::path const& file, study_data const& data, std::uint64_t seed)
    : data_(&data), asked_(asked_images(data.split_for(seed))), logits_(io::read_npy<float>(file)) {
  if (logits_.dimension() != 3 || logits_.shape(0) == 0 || logits_.shape(1) != asked_.size() || logits_.shape(2) < 2)
    throw error(errc::bad_input, message(file.string(),
                                     " holds no outputs for these images (its shape is another) "
                                     "remove it to ask the network again"));
  if (auto const at = io::first_not_finite(logits_.storage()); at < logits_.size())
    throw error(errc::bad_input, message(file.string(), " holds outputs that cannot be used (number ", at,
                                     " is not finite) remove it to ask the network again"));
}

selected_outputs network_outputs::of(std::span<std::uint32_t const> images, bool all_queries) const {
  selected_outputs s;
  s.classes = classes();
  s.queries = all_queries ? static_cast<int>(logits_.shape(0)) : 1;
  auto const width = static_cast<std::size_t>(s.classes);
  for (int q = 0; q < s.queries; ++q)
    for (auto const image : images) {
      auto const row = static_cast<std::size_t>(std::ranges::lower_bound(asked_, image) - asked_.begin());
      auto const* const from = logits_.data() + (static_cast<std::size_t>(q) * asked_.size() + row) * width;
      s.logits.insert(s.logits.end(), from, from + width);
      if (q == 0) s.labels.push_back(data_->images().labels[image]);
    }
  return s;
}

network_quality quality_of(network_outputs const& outputs, cohort_images const& images, int epoch) {
  network_quality quality;
  quality.epoch = epoch;
  auto const mean = [](std::vector<double> const& values) {
    double sum = 0;
    for (double const v : values) sum += v;
    return sum / static_cast<double>(values.size());  // NaN of none: missing
  };
  auto const measure = [&](data::index_list const& list, double& accuracy, double* loss) {
    auto const selected = outputs.of(list, false);
    accuracy = 100 * mean(privacy::gap_scores(selected.view()));
    if (loss) *loss = -mean(privacy::loss_scores(selected.view()));
  };
  measure(images.trained, quality.train_accuracy, &quality.train_loss);
  measure(images.validation, quality.validation_accuracy, nullptr);
  measure(images.test, quality.test_accuracy, &quality.test_loss);
  return quality;
}

}  // namespace papillon::study
