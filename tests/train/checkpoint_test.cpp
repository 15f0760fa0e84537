// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <unistd.h>

#include <papillon/error.hpp>
#include <papillon/io/safetensors.hpp>
#include <papillon/nn/layer.hpp>
#include <papillon/train/checkpoint.hpp>

using namespace papillon;
using nn::slot_kind;

namespace {

/// The slots of a network of one convolution, batch norm and linear layer.
struct small_model {
  std::vector<nn::slot> parameter_slots{{"conv1.weight", slot_kind::convolution, {2, 1, 3, 3}, 0, 18, 9},
      {"bn1.weight", slot_kind::norm_weight, {2}, 18, 2, 2}, {"bn1.bias", slot_kind::norm_bias, {2}, 20, 2, 2},
      {"fc.weight", slot_kind::linear, {3, 2}, 22, 6, 2}, {"fc.bias", slot_kind::bias, {3}, 28, 3, 2}};
  std::vector<nn::slot> state_slots{{"bn1.running_mean", slot_kind::running_mean, {2}, 0, 2, 0},
      {"bn1.running_var", slot_kind::running_var, {2}, 2, 2, 0}};
  [[nodiscard]] std::vector<nn::slot> const& parameters() const { return parameter_slots; }
  [[nodiscard]] std::vector<nn::slot> const& state() const { return state_slots; }
};

nn::weights<float> numbered_weights(float first) {
  nn::weights<float> w;
  for (int i = 0; i < 31; ++i) w.parameters.push_back(first + static_cast<float>(i) / 7);
  for (int i = 0; i < 4; ++i) w.state.push_back(-first - static_cast<float>(i) / 3);
  return w;
}

bool same(nn::weights<float> const& a, nn::weights<float> const& b) {
  return a.parameters == b.parameters && a.state == b.state;
}

train::training_checkpoint<float> some_training() {
  train::training_checkpoint<float> c;
  c.state = train::begin_training(numbered_weights(1));
  c.state.best = numbered_weights(-2);
  c.state.optimiser = numbered_weights(5).parameters;
  c.state.epochs = 7;
  c.state.best_epoch = 4;
  c.state.best_accuracy = 0.1 + 0.2;  // a double that no short text names
  c.notes = {{"lanes", "16"}, {"structure", "small"}};
  return c;
}

/// A file name of its own, removed at the end.
struct temporary_file {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      ("papillon-checkpoint-" + std::to_string(::getpid()) + "-" + std::to_string(next()++) + ".safetensors");
  temporary_file() = default;
  temporary_file(temporary_file const&) = delete;
  temporary_file& operator=(temporary_file const&) = delete;
  ~temporary_file() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  static int& next() {
    static int n = 0;
    return n;
  }
};

/// That reading fails with bad_input and a message that names the file and `reason`.
template <class Read>
void check_refused(Read const& read, std::filesystem::path const& path, std::string const& reason) {
  try {
    read();
    FAIL("read without complaint: " << reason);
  } catch (error const& e) {
    CHECK(e.code() == errc::bad_input);
    CHECK_THAT(e.what(), Catch::Contains(path.string()) && Catch::Contains(reason));
  }
}

}  // namespace

TEST_CASE("a weights checkpoint reads back as it was written", "[checkpoint]") {
  temporary_file const file;
  small_model const net;
  train::save_weights(
      file.path, net, train::weights_checkpoint<float>{numbered_weights(1), {}, 12, 0.875, {{"build", "g++"}}});
  auto const c = train::load_weights<float>(file.path, net);
  CHECK(same(c.weights, numbered_weights(1)));
  CHECK(c.keep.empty());
  CHECK(c.epoch == 12);
  CHECK(c.accuracy == 0.875);
  CHECK(c.notes == train::checkpoint_notes{{"build", "g++"}});
  auto const raw = io::safetensors::read(file.path);
  CHECK(raw.dims("conv1.weight") == std::vector<std::size_t>{2, 1, 3, 3});
  CHECK(raw.get<float>("bn1.running_var")[1] == numbered_weights(1).state[3]);
}

TEST_CASE("a training checkpoint reads back as it was written, to the bit", "[checkpoint]") {
  temporary_file const file;
  small_model const net;
  auto c = some_training();
  c.state.last.parameters[3] = std::numeric_limits<float>::denorm_min();
  c.state.last.parameters[4] = -0.0F;
  train::save_training(file.path, net, c);
  auto const back = train::load_training<float>(file.path, net);
  CHECK(same(back.state.last, c.state.last));
  CHECK(std::signbit(back.state.last.parameters[4]));
  CHECK(same(back.state.best, c.state.best));
  CHECK(back.state.optimiser == c.state.optimiser);
  CHECK(back.state.epochs == 7);
  CHECK(back.state.best_epoch == 4);
  CHECK(back.state.best_accuracy == 0.1 + 0.2);
  CHECK(back.notes == c.notes);
}

TEST_CASE("what a training remembers beside network and optimiser travels under its names", "[checkpoint]") {
  temporary_file const file;
  small_model const net;
  auto c = some_training();
  c.state.beside = {{"adversary.0.weight", {1.5F, -0.0F, 3}}, {"admm.z", {}}, {"best", {2}}};
  train::save_training(file.path, net, c);
  auto const back = train::load_training<float>(file.path, net);
  CHECK(back.state == c.state);
  CHECK(std::signbit(back.state.beside.at("adversary.0.weight")[1]));
  CHECK(io::safetensors::read(file.path).dims("beside.admm.z") == std::vector<std::size_t>{0});
  c.state.beside["best"][0] = std::numeric_limits<float>::quiet_NaN();
  train::save_training(file.path, net, c);
  check_refused([&] { (void)train::load_training<float>(file.path, net); }, file.path,
      "tensor beside.best holds a number that is not finite");
}

TEST_CASE("a mask travels with the weights, which must be zero where it is", "[checkpoint]") {
  temporary_file const file;
  small_model const net;
  train::weights_checkpoint<float> c{numbered_weights(1), std::vector<std::uint8_t>(31, 1)};
  c.keep[5] = c.keep[23] = 0;
  c.weights.parameters[5] = c.weights.parameters[23] = 0;
  train::save_weights(file.path, net, c);
  CHECK(train::load_weights<float>(file.path, net).keep == c.keep);
  c.weights.parameters[23] = 1e-30F;
  train::save_weights(file.path, net, c);
  check_refused([&] { (void)train::load_weights<float>(file.path, net); }, file.path, "fc.weight is not zero");
  c.weights.parameters[23] = 0;
  c.keep[0] = 2;
  train::save_weights(file.path, net, c);
  check_refused([&] { (void)train::load_weights<float>(file.path, net); }, file.path, "values other than 0 and 1");
}

TEST_CASE("numbers that are not finite are refused by name", "[checkpoint]") {
  temporary_file const file;
  small_model const net;
  float const infinity = std::numeric_limits<float>::infinity();
  train::weights_checkpoint<float> c{numbered_weights(1)};
  c.weights.state[3] = std::numeric_limits<float>::quiet_NaN();
  train::save_weights(file.path, net, c);
  check_refused([&] { (void)train::load_weights<float>(file.path, net); }, file.path,
      "tensor bn1.running_var holds a number that is not finite, the one at 1");
  c.weights = numbered_weights(1);
  c.accuracy = std::numeric_limits<double>::infinity();
  train::save_weights(file.path, net, c);
  check_refused([&] { (void)train::load_weights<float>(file.path, net); }, file.path, "not a finite number");
  auto t = some_training();
  t.state.optimiser.back() = -infinity;
  train::save_training(file.path, net, t);
  check_refused([&] { (void)train::load_training<float>(file.path, net); }, file.path,
      "tensor velocity.fc.bias holds a number that is not finite");
}

TEST_CASE("a checkpoint of another network is refused with the first mismatch", "[checkpoint]") {
  temporary_file const file;
  small_model const net;
  train::save_weights(file.path, net, train::weights_checkpoint<float>{numbered_weights(1)});
  auto const refused = [&](small_model const& other, std::string const& reason) {
    check_refused([&] { (void)train::load_weights<float>(file.path, other); }, file.path, reason);
  };
  small_model other = net;
  other.parameter_slots[0].name = "layer1.0.conv1.factor0";
  refused(other, "no tensor layer1.0.conv1.factor0");
  other = net;
  other.parameter_slots[3].dims = {2, 3};
  refused(other, "fc.weight has dims [3, 2]");
  other = net;
  other.parameter_slots.pop_back();
  refused(other, "fc.bias belongs to another network");
  other = net;
  other.state_slots[1].name = "bn1.running_variance";
  refused(other, "no tensor bn1.running_variance");
  other = net;
  other.parameter_slots[3].kind = slot_kind::convolution;
  refused(other, "belong to another network");
  CHECK_THROWS_AS(train::load_weights<double>(file.path, net), error);
}

TEST_CASE("a file that is no checkpoint, or of another kind or format, is refused", "[checkpoint]") {
  temporary_file const file;
  small_model const net;
  auto const load = [&] { (void)train::load_training<float>(file.path, net); };
  check_refused(load, file.path, "");  // missing
  { std::ofstream(file.path) << "not a checkpoint at all"; }
  check_refused(load, file.path, "");
  io::safetensors foreign;
  foreign.add("weight", {1}, std::vector<float>{1});
  foreign.write(file.path);
  check_refused(load, file.path, "not a checkpoint");
  train::save_weights(file.path, net, train::weights_checkpoint<float>{numbered_weights(1)});
  check_refused(load, file.path, "papillon weights 1");
  foreign.metadata["format"] = "papillon training 99";
  foreign.write(file.path);
  check_refused(load, file.path, "papillon training 99");
}

TEST_CASE("a checkpoint that lost its end or any of whose bytes changed is refused", "[checkpoint]") {
  temporary_file const file;
  small_model const net;
  train::save_training(file.path, net, some_training());
  std::string good;
  {
    std::ifstream in(file.path, std::ios::binary);
    good.assign(std::istreambuf_iterator<char>(in), {});
  }
  auto const rewrite = [&](std::string const& bytes) { std::ofstream(file.path, std::ios::binary) << bytes; };
  auto const load = [&] { (void)train::load_training<float>(file.path, net); };
  rewrite(good);
  REQUIRE_NOTHROW(load());
  for (std::size_t const size : {good.size() - 1, good.size() / 2, std::size_t{8}, std::size_t{0}}) {
    rewrite(good.substr(0, size));
    check_refused(load, file.path, "");
  }
  for (std::size_t i = 0; i < good.size(); i += 13) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    if (bad[i] == '\t' || good[i] == ' ') continue;  // space around JSON tokens means nothing
    rewrite(bad);
    INFO("byte " << i);
    CHECK_THROWS_AS(load(), error);
  }
}

TEST_CASE("a checkpoint that cannot be written leaves the old one", "[checkpoint]") {
  small_model const net;
  std::filesystem::path const nowhere =
      std::filesystem::temp_directory_path() / "papillon-no-such-directory" / "last.safetensors";
  try {
    train::save_weights(nowhere, net, train::weights_checkpoint<float>{numbered_weights(1)});
    FAIL("written into a directory that does not exist");
  } catch (error const& e) {
    CHECK(e.code() == errc::failed);
    CHECK_THAT(e.what(), Catch::Contains(nowhere.string()));
  }
}
