// SPDX-License-Identifier: MIT
// The library's side of the comparisons with PyTorch on CIFAR-10: the same split, the same protocol, the same JSON as
// resnet20_pytorch.py ("train"); and the same first steps as resnet20_losses.py ("losses"), in single and in double
// precision. docs/results/pytorch-agreement.md says how to run both.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <papillon/data/cifar10.hpp>
#include <papillon/data/collection.hpp>
#include <papillon/io/safetensors.hpp>
#include <papillon/nn/initialise.hpp>
#include <papillon/nn/models/resnet.hpp>
#include <papillon/train/evaluate.hpp>
#include <papillon/train/trainer.hpp>

namespace {

using namespace papillon;
using index_list = std::vector<std::uint32_t>;

struct arguments {
  std::string data, split, plan, out;
  int threads = 2;
  std::uint64_t seed = 0;
  train::training_options training{.epochs = 60, .schedule = {.learning_rate = 0.03, .divide_after = {30, 45}}};
  nn::resnet_options network;
};

/// Images that a split's text file lists: the SHA-256 of one record a line.
index_list read_list(data::collection const& images, std::string const& folder, std::string const& name) {
  std::map<std::string, std::uint32_t> place;
  for (std::uint32_t i = 0; i < images.digests.size(); ++i) place[io::to_hex(images.digests[i])] = i;
  std::string const path = folder + "/" + name + ".txt";
  std::ifstream file(path);
  index_list list;
  for (std::string line; std::getline(file, line);) {
    auto const found = place.find(line);
    if (found == place.end())
      throw error(
          errc::bad_input, path + ": no image has the digest " + line + " (another data set?) draw the split anew");
    list.push_back(found->second);
  }
  if (list.empty())
    throw error(errc::bad_input, message(path, ": no images (it is missing or empty) draw the split first"));
  return list;
}

// --- losses: from given weights, order and augmentation ---------------------------------------

/// The images of one step as bytes, cut out of the padded image and mirrored as the plan says.
data::image_set augmented(
    data::image_set const& all, index_list const& train, io::safetensors const& plan, std::size_t step) {
  constexpr shape s = data::cifar_extent;
  std::size_t const width = plan.dims("order").at(1);
  auto const order = plan.get<std::int64_t>("order").subspan(step * width, width);
  auto const flip = plan.get<std::uint8_t>("flip").subspan(step * width, width);
  auto const dy = plan.get<std::uint8_t>("dy").subspan(step * width, width);
  auto const dx = plan.get<std::uint8_t>("dx").subspan(step * width, width);
  data::image_set out;
  for (std::size_t k = 0; k < width && order[k] >= 0; ++k) {
    std::uint32_t const image = train.at(static_cast<std::size_t>(order[k]));
    out.labels.push_back(all.labels[image]);
    for (int c = 0; c < s.channels; ++c)
      for (int y = 0; y < s.height; ++y)
        for (int x = 0; x < s.width; ++x) {
          int const row = y + dy[k] - 4, column = (flip[k] != 0 ? s.width - 1 - x : x) + dx[k] - 4;
          bool const inside = row >= 0 && row < s.height && column >= 0 && column < s.width;
          out.pixels.push_back(
              inside ? all.image(image)[static_cast<std::size_t>(s.row(c, row, column))] : std::uint8_t{0});
        }
  }
  return out;
}

template <class T>
std::vector<T> gather(io::safetensors const& file, std::string const& prefix, std::vector<nn::slot> const& slots) {
  std::vector<T> values;
  for (nn::slot const& s : slots) {
    auto const part = file.get<float>(prefix + s.name, s.dims);
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

/// The losses of all steps, computed in precision T.
template <class T>
std::vector<double> losses_of(
    arguments const& a, data::image_set const& all, index_list const& train, io::safetensors const& plan) {
  exec::omp const policy{a.threads};
  auto const net = nn::make_resnet<T>(nn::resnet_options{});
  nn::weights<T> w{gather<T>(plan, "parameters/", net.parameters()), gather<T>(plan, "state/", net.state())};
  auto const batch = static_cast<int>(plan.dims("order").at(1));
  nn::runner run(policy, net, batch, nn::mode::train);
  std::vector<T> gradient(net.parameter_count()), velocity(net.parameter_count());
  std::vector<double> losses;
  for (std::size_t step = 0; step < plan.dims("order").at(0); ++step) {
    auto const images = augmented(all, train, plan, step);
    index_list every(images.size());
    for (std::uint32_t i = 0; i < every.size(); ++i) every[i] = i;
    tensor<T> x(net.input(), static_cast<int>(images.size())), dlogits(net.output(), static_cast<int>(images.size()));
    data::fill_batch(policy, images, every, {}, {}, x.view());
    auto const logits = run.forward(w, nn::mode::train, x);
    losses.push_back(static_cast<double>(
        nn::cross_entropy(policy, logits, std::span<std::uint8_t const>(images.labels), dlogits.view())));
    run.backward(w, dlogits, gradient);
    train::sgd_step(policy,
        {.momentum = std::stod(plan.text_of("momentum")), .weight_decay = std::stod(plan.text_of("weight_decay"))},
        std::stod(plan.text_of("learning_rate")), std::span<T const>(gradient), std::span<T>(velocity),
        std::span<T>(w.parameters));
  }
  return losses;
}

/// What rounding alone does: the largest relative distance of PyTorch's runs in single precision from its run in
/// double, over the steps 0 .. step + 1. One step ahead, since errors grow by jumps (an input of a ReLU changes its
/// sign) and which step a jump comes in is luck.
double rounding_spread(std::span<double const> reference, std::span<double const> singles, std::size_t step) {
  double spread = 0x1p-23;
  std::size_t const steps = reference.size();
  for (std::size_t i = 0; i < singles.size(); ++i)
    if (std::size_t const s = i % steps; s <= step + 1)
      spread = std::max(spread, std::abs(singles[i] / reference[s] - 1));
  return spread;
}

/// A loss in single precision may be 4 spreads from PyTorch's in double; one in double the same, scaled by the ratio of
/// the machine epsilons, as long as the spread is below `linear`: beyond, errors no longer grow in proportion. Returns
/// 1 if a step is farther away.
int compare_losses(arguments const& a) {
  constexpr double factor = 4, precision_ratio = 0x1p-29, linear = 0.01;
  auto const images = data::collect(data::read_cifar10(a.data));
  auto const train = read_list(images, a.split, "train");
  auto const plan = io::safetensors::read(a.plan);
  auto const ours = losses_of<float>(a, images.images, train, plan),
             ours_double = losses_of<double>(a, images.images, train, plan);
  auto const reference = plan.get<double>("losses/float64"), singles = plan.get<double>("losses/float32");
  std::size_t const steps = reference.size(), runs = singles.size() / steps;

  nlohmann::ordered_json table = nlohmann::ordered_json::array();
  double largest_pytorch = 0, largest = 0, largest_double = 0;
  std::size_t good = 0, good_double = 0, judged_double = 0;
  std::printf(
      "step  PyTorch double  papillon float  papillon double | relative to PyTorch double: PyTorch float, ours, ours "
      "double\n");
  for (std::size_t s = 0; s < steps; ++s) {
    auto const gap = [&](double loss) { return std::abs(loss / reference[s] - 1); };
    double pytorch = 0;
    for (std::size_t r = 0; r < runs; ++r) pytorch = std::max(pytorch, gap(singles[r * steps + s]));
    double const here = gap(ours[s]), here_double = gap(ours_double[s]),
                 spread = rounding_spread(reference, singles, s);
    double const allowed = factor * spread, allowed_double = allowed * precision_ratio;
    bool const judged = spread < linear;
    good += here <= allowed;
    judged_double += judged;
    good_double += judged && here_double <= allowed_double;
    largest_pytorch = std::max(largest_pytorch, pytorch);
    largest = std::max(largest, here);
    largest_double = std::max(largest_double, here_double);
    std::printf("%4zu  %.12f  %.9f  %.12f | %.1e  %.1e (allowed %.1e)  %.1e", s + 1, reference[s], ours[s],
        ours_double[s], pytorch, here, allowed, here_double);
    if (judged) std::printf(" (allowed %.1e)", allowed_double);
    std::printf("\n");
    table.push_back({{"step", s + 1}, {"pytorch_float64", reference[s]}, {"pytorch_float32", singles[s]},
        {"papillon_float32", ours[s]}, {"papillon_float64", ours_double[s]}, {"allowed", allowed}});
  }
  bool const within = good == steps && good_double == judged_double;
  std::printf(
      "largest relative distance from PyTorch in double: PyTorch in single precision %.2e (%zu runs), papillon %.2e, "
      "in double %.2e\n",
      largest_pytorch, runs, largest, largest_double);
  std::printf("within the tolerance: %zu of %zu losses in single precision, %zu of %zu in double\n", good, steps,
      good_double, judged_double);
  if (!a.out.empty())
    std::ofstream(a.out) << nlohmann::ordered_json{{"pytorch_float32", largest_pytorch}, {"runs", runs},
                                {"papillon_float32", largest}, {"papillon_float64", largest_double}, {"factor", factor},
                                {"within", within}, {"steps", table}}
                                .dump(1)
                         << "\n";
  return within ? 0 : 1;
}

// --- train: the study's protocol, from a seed of our own ---------------------------------------

int train_network(arguments a) {
  exec::omp const policy{a.threads};
  auto const images = data::collect(data::read_cifar10(a.data));
  auto const training = read_list(images, a.split, "train"), validation = read_list(images, a.split, "validation"),
             test = read_list(images, a.split, "test");
  auto const net = nn::make_resnet<float>(a.network);
  a.training.seed = a.seed;

  auto const begin = std::chrono::steady_clock::now();
  double training_seconds = 0;
  nlohmann::ordered_json history = nlohmann::ordered_json::array();
  auto state = train::begin_training(nn::initialise(net, {a.seed, 0, random::purpose::initialisation, 0}));
  train::trainer trainer(policy, net, train::training_data{&images.images, {}, training, validation}, a.training);
  trainer.run(state, {.epoch = [&](train::epoch_metrics const& m, train::training_state<float> const&) {
    training_seconds += static_cast<double>(training.size()) / m.images_per_second;
    history.push_back({{"epoch", m.epoch + 1}, {"loss", m.train_loss}, {"train_accuracy", 100 * m.train_accuracy},
        {"validation_accuracy", 100 * m.validation_accuracy}});
    std::printf("seed %llu epoch %d: loss %.4f, training %.2f %%, validation %.2f %%\n",
        static_cast<unsigned long long>(a.seed), m.epoch + 1, m.train_loss, 100 * m.train_accuracy,
        100 * m.validation_accuracy);
    std::fflush(stdout);
  }});

  train::evaluator evaluator(policy, net, 500);
  auto const percent = [&](nn::weights<float> const& w, index_list const& list) {
    return 100 * evaluator.measure(w, images.images, list).accuracy;
  };
  nlohmann::ordered_json result{{"program", "papillon"}, {"threads", a.threads}, {"seed", a.seed},
      {"epochs", a.training.epochs}, {"milestones", a.training.schedule.divide_after},
      {"learning_rate", a.training.schedule.learning_rate}, {"weight_decay", a.training.sgd.weight_decay},
      {"batch", a.training.batch}, {"segments", a.network.butterfly_segments}, {"factors", a.network.butterfly_factors},
      {"images", {{"train", training.size()}, {"validation", validation.size()}, {"test", test.size()}}},
      {"parameters", net.parameter_count()},
      {"last", {{"test_accuracy", percent(state.last, test)}, {"train_accuracy", percent(state.last, training)}}},
      {"best", {{"epoch", state.best_epoch + 1}, {"validation_accuracy", 100 * state.best_accuracy},
                   {"test_accuracy", percent(state.best, test)}, {"train_accuracy", percent(state.best, training)}}},
      {"training_images_per_second", static_cast<double>(training.size()) * a.training.epochs / training_seconds},
      {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()},
      {"history", history}};
  std::printf("seed %llu: test %.2f %% last, %.2f %% best\n", static_cast<unsigned long long>(a.seed),
      result["last"]["test_accuracy"].get<double>(), result["best"]["test_accuracy"].get<double>());
  if (!a.out.empty()) std::ofstream(a.out) << result.dump(1) << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  arguments a;
  CLI::App app("Trains papillon's ResNet-20 as scripts/compare/*.py train PyTorch's");
  app.require_subcommand(1);
  auto const common = [&](CLI::App* command) {
    command->add_option("--data", a.data, "folder of CIFAR-10's binary files")->required();
    command->add_option("--split", a.split, "folder of train.txt, validation.txt, test.txt")->required();
    command->add_option("--out", a.out, "JSON file to write");
    command->add_option("--threads", a.threads, "threads")->capture_default_str();
  };
  auto* const losses = app.add_subcommand("losses", "repeat the steps of resnet20_losses.py and compare the losses");
  common(losses);
  losses->add_option("--plan", a.plan, "file written by resnet20_losses.py")->required();
  auto* const training = app.add_subcommand("train", "train from a seed, as resnet20_pytorch.py");
  common(training);
  training->add_option("--seed", a.seed, "seed")->capture_default_str();
  training->add_option("--epochs", a.training.epochs, "epochs")->capture_default_str();
  training->add_option("--milestones", a.training.schedule.divide_after, "epochs after which the rate is divided by 10")
      ->capture_default_str();
  training->add_option("--lr", a.training.schedule.learning_rate, "learning rate")->capture_default_str();
  training->add_option("--weight-decay", a.training.sgd.weight_decay, "weight decay")->capture_default_str();
  training->add_option("--segments", a.network.butterfly_segments, "butterfly segments S")->capture_default_str();
  training->add_option("--factors", a.network.butterfly_factors, "factors L of a butterfly")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return losses->parsed() ? compare_losses(a) : train_network(a);
  } catch (std::exception const& e) {
    std::cerr << e.what() << "\n";
    return 3;
  }
}
