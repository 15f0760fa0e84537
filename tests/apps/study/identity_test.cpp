// SPDX-License-Identifier: MIT
/// The hashes that work is named by, as they are today. They follow from the schema; what the same settings give is
/// tested in laboratory_test.cpp.
#include <study/identity.hpp>

#include <string>
#include <string_view>
#include <utility>

#include <catch2/catch.hpp>
#include <papillon/io/sha256.hpp>

#include <study/assign.hpp>
#include <study/plan.hpp>
#include <study/presets.hpp>

using namespace papillon;
using namespace papillon::study;

namespace {

/// SHA-256 over the hashes of all work of a preset, in the plan's order.
std::string hash_of_all_work(std::string_view preset) {
  auto const p = make_plan(preset_settings(preset), {std::string(64, 'a'), std::string(64, 'b')});
  std::string all;
  for (task const& t : p.tasks)
    if (auto const* work = p.identity_of(t)) all += work->hash + "\n";
  return io::sha256_hex(std::string_view(all));
}

}  // namespace

TEST_CASE("the work of every preset is called what it is called today") {
  constexpr std::pair<std::string_view, std::string_view> golden[] = {
      {"smoke", "aed877801faa1488adc1a81098f6c724102691312777b3d9a85778fe8309b72a"},
      {"demo", "0adbdc43ca1f505fcf92abe58bd1aa95a47dad657d0486e24a0b85992c5ce26b"},
      {"mini", "6fcb1c9e85d95534ef2bb68e0e55c88f6b30ab5fe0ae1eeb24bc134ea9237432"},
      {"controls", "977c84a58e43ab444b44d04d24adb89608333a2be3ff5eaca7b3e2ddb837ea60"},
      {"lira", "8c6378638a94a667042418ae0b1aee934d2ed0c6f0175df3b1abce2c2820b53e"},
      {"private", "e28808082d19542b25e564cf04fafe8f93ef25ce20eb6698650689e0bc3ccc2b"},
      {"yuan2022", "9c43787382fbfe7750e40c8d25e1d92a4593e2a89a18ae400bf89c12e4ba9a17"},
      {"tan2023", "642d03a3543e78c116d5d206d1de95cc13fce822f590d898916d4283a8f8d578"},
      {"wang2021", "419ad8233ed3cf3de5fbd64644d0c8d761bb75be4757626420766eccd9408486"},
      {"paper", "72238f5077a49dabc7ae54ed579187da88e06531d2089383b4be7f08d93f01c6"},
      {"he2016", "75576f6fec318538e3adfd6f0810aaaa36dcf4a8a2c363cbf2f6250f92e9f99a"}};
  REQUIRE(std::size(golden) == presets().size());
  for (auto const& [preset, hash] : golden) {
    INFO("Preset " << preset << ": its work has other identities than before, so that what exists is not found again. "
                   << "Where the preset itself was changed, or a numerics number of identity.hpp was raised, write the "
                   << "new hash here. Where a key came, went, means something else or has another part_of: raise "
                   << "schema_version in apps/study/schema.hpp first. Else take the change back.");
    CHECK(hash_of_all_work(preset) == hash);
  }
}

TEST_CASE("a perceptron's hidden layers are part of its trainings, and of no ResNet's") {
  auto const text_of = [](std::string_view hidden) {
    settings s;
    set(s, "model.hidden", hidden);
    return training_identity(s, {}, 1, {std::string(64, 'a'), std::string(64, 'b')}, "").text;
  };
  CHECK(text_of("").find("model.hidden") == std::string::npos);
  CHECK(text_of("64-32").find("model.hidden=64-32\n") != std::string::npos);
}
