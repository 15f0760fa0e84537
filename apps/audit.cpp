// SPDX-License-Identifier: MIT
// papillon audit: membership inference against one network of any program, from its scores or outputs in files; or
// against a network in a safetensors file, which is run here.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <xtensor/xarray.hpp>
#include <xtensor/xview.hpp>

#include <papillon/error.hpp>
#include <papillon/exec/policy.hpp>
#include <papillon/privacy/audit.hpp>
#include <papillon/tensor/xtensor.hpp>

#include <audit/audit_report.hpp>
#include <audit/input_files.hpp>
#include <audit/limits.hpp>
#include <audit/split_csv.hpp>
#include <audit/table.hpp>
#include <study/study_data.hpp>
#include <study/text.hpp>

#include "commands.hpp"
#include "interruption.hpp"
#include "laboratories.hpp"

namespace papillon::app {

namespace {

using array = xt::xarray<double>;

any_matrix_view flat(array const& a) { return std::span<double const>(a.data(), a.size()); }

/// What the files say; `input` views the rest.
struct files {
  std::vector<double> scores, labels, shadow_labels, population_labels;
  std::vector<std::uint8_t> members, shadow_members;
  array outputs, shadow_outputs, reference_outputs, reference_members, population_outputs, population_references;
  privacy::audit_input input;
};

array array_if(std::filesystem::path const& path) {
  return path.empty() ? array::from_shape({0}) : audit::read_array(path);
}
std::vector<double> labels_if(std::filesystem::path const& path) {
  return path.empty() ? std::vector<double>{} : audit::read_column(path, "label");
}

/// Images and queries of outputs: (images, classes), or (queries, images, classes).
std::pair<std::size_t, int> extent_of(array const& outputs, std::filesystem::path const& path) {
  if (outputs.dimension() < 2)
    throw error(errc::bad_input,
        message(path.string(),
            " holds no outputs (it has one axis) save one number an image and class, of shape (images, classes)"));
  bool const queries = outputs.dimension() == 3;
  return {outputs.shape(queries ? 1 : 0), queries ? static_cast<int>(outputs.shape(0)) : 1};
}

/// Throws unless the last axes are (images, classes): only C order and the right order of axes mean what they say.
void require_last_axes(array const& a, std::filesystem::path const& path, std::vector<std::size_t> const& last) {
  if (path.empty()) return;
  std::string wanted;
  for (auto const n : last) wanted += message(wanted.empty() ? "" : ", ", n);
  if (a.dimension() < last.size() || !std::equal(last.rbegin(), last.rend(), a.shape().rbegin()))
    throw error(
        errc::bad_input, message(path.string(), " cannot be used (its last axes are not (", wanted,
                             "), as the target's outputs say) give the same images and classes in the same order"));
}

files read_files(audit_options const& o) {
  files f;
  if (!o.scores.empty()) {
    auto s = audit::read_scores(o.scores);
    f.scores = std::move(s.scores);
    f.members = std::move(s.members);
  }
  f.outputs = array_if(o.outputs);
  std::size_t images = f.scores.size();
  if (!o.outputs.empty()) std::tie(images, f.input.queries) = extent_of(f.outputs, o.outputs);
  if (!o.members.empty()) f.members = audit::read_members(o.members, images);
  if (f.members.empty())
    throw error(errc::usage,
        "nobody says who is a member (--members is missing) give 1 or 0 an image, or the members' indices");
  f.labels = labels_if(o.labels);
  f.shadow_outputs = array_if(o.shadow_outputs);
  f.shadow_labels = labels_if(o.shadow_labels);
  if (!o.shadow_outputs.empty())
    f.shadow_members = audit::read_members(o.shadow_members, extent_of(f.shadow_outputs, o.shadow_outputs).first);
  f.reference_outputs = array_if(o.reference_outputs);
  f.reference_members = array_if(o.reference_members);
  f.population_outputs = array_if(o.population_outputs);
  f.population_labels = labels_if(o.population_labels);
  f.population_references = array_if(o.population_references);
  if (!o.outputs.empty()) {
    std::size_t const classes = f.outputs.shape(f.outputs.dimension() - 1);
    require_last_axes(f.shadow_outputs, o.shadow_outputs, {classes});
    require_last_axes(f.reference_outputs, o.reference_outputs, {images, classes});
    require_last_axes(f.reference_members, o.reference_members, {images});
    require_last_axes(f.population_outputs, o.population_outputs, {classes});
    require_last_axes(f.population_references, o.population_references, {f.population_labels.size(), classes});
  }
  return f;
}

/// What the parts of an audit call: an audit keeps nothing of what it has not finished.
std::function<void()> ending_after_a_signal() {
  return [&stop = interruption()] {
    if (stop)
      throw error(errc::interrupted, "interrupted (an audit keeps nothing on the way) the same command begins anew");
  };
}

privacy::audit_result audit_files(options const& o) {
  auto f = read_files(o.audit);
  auto& in = f.input;
  in.scores = f.scores;
  in.outputs = flat(f.outputs);
  in.labels = f.labels;
  in.members = f.members;
  in.shadow = {flat(f.shadow_outputs), f.shadow_labels, f.shadow_members, {}};
  in.references = {flat(f.reference_outputs), flat(f.reference_members)};
  in.population = {flat(f.population_outputs), f.population_labels, flat(f.population_references)};
  in.probabilities = o.audit.probabilities;
  in.discriminators = o.audit.discriminators;
  return privacy::audit(in, exec::omp{o.threads}, ending_after_a_signal());
}

/// Trained images and as many of D_test, the strict reading.
study::attacked_images strict_images(data::split::role const& r, std::filesystem::path const& path) {
  auto const& others = r.strict_test.empty() ? r.test : r.strict_test;
  if (r.trained.empty() || others.empty())
    throw error(errc::bad_input,
        message(path.string(),
            " cannot be used (it lists no trained images, or none but those) list images of both parts"));
  study::attacked_images all{r.trained, r.trained.size()};
  all.images.insert(all.images.end(), others.begin(), others.end());
  return all;
}

/// What a network answers about images of the data set, half of them its members.
struct asked {
  std::vector<std::uint8_t> labels, members;
  std::vector<float> outputs;
  xt::xtensor<float, 2> response;

  [[nodiscard]] privacy::audit_input::network view() const { return {outputs, labels, members, response}; }
};

class network_audit {
 public:
  explicit network_audit(options const& o)
      : options_(o), settings_(data_settings_of(o)), data_(study::load_study_data(settings_, o.data)),
        tools_(make_network_tools(o.device, o.threads)) {}

  [[nodiscard]] privacy::audit_result run() const {
    auto const& path = options_.audit.members;
    auto const roles = audit::read_split_csv(path, settings_, data_.collection);
    auto const images = strict_images(roles[0], path);
    auto const target = ask(options_.target, images, 0);
    privacy::audit_input in{
        .outputs = target.outputs, .labels = target.labels, .members = target.members, .response = target.response};
    in.discriminators = options_.audit.discriminators;
    if (options_.shadow.empty()) return privacy::audit(in, exec::omp{options_.threads}, before_part_);
    auto const shadow = ask(options_.shadow, strict_images(roles[1], path), 1);
    auto const reference = tools_->outputs(
        options_.shadow, data_.images(), images.images, study::normalisation_of(settings_), before_part_);
    in.shadow = shadow.view();
    in.references.outputs = reference;
    return privacy::audit(in, exec::omp{options_.threads}, before_part_);
  }

 private:
  /// Built-in images where the options name a preset or settings of them; else CIFAR-10.
  [[nodiscard]] static study::settings data_settings_of(options const& o) {
    bool const named = !o.preset.empty() || !o.config.empty() || !o.assignments.empty();
    return named ? settings_of(o) : study::settings{};
  }

  [[nodiscard]] asked ask(
      std::filesystem::path const& network, study::attacked_images const& attacked, std::uint32_t role) const {
    auto const normalisation = study::normalisation_of(settings_);
    auto const samples = tools_->measure(network, data_.images(), attacked, normalisation,
        {settings_.attack.epsilon, settings_.attack.draws}, {0, role, random::purpose::noise, 0}, before_part_);
    std::size_t const classes = samples.width() / 3;
    asked a{{}, samples.members, tools_->outputs(network, data_.images(), attacked.images, normalisation, before_part_),
        xt::view(samples.features, xt::all(), xt::range(classes, 2 * classes))};
    for (auto const i : attacked.images) a.labels.push_back(data_.images().labels[i]);
    return a;
  }

  options const& options_;
  study::settings settings_;
  study::study_data data_;
  std::unique_ptr<study::network_tools> tools_;
  std::function<void()> before_part_ = ending_after_a_signal();
};

}  // namespace

void audit(options const& o) {
  if (o.target.empty() && o.audit.scores.empty() && o.audit.outputs.empty())
    throw error(errc::usage,
        "nothing to audit (neither --scores nor --outputs nor --target-network is given) see papillon audit --help");
  std::vector<audit::limit> limits;
  for (auto const& text : o.audit.fail_above) limits.push_back(audit::parse_limit(text));
  auto const found = o.target.empty() ? audit_files(o) : network_audit(o).run();
  auto const broken = audit::exceeded(found, limits);
  std::filesystem::path const folder = o.out.empty() ? "audit" : o.out;
  auto const problems = audit::write_report(found, folder, {.stop = &interruption()});
  std::fputs(audit::table(found).c_str(), stdout);
  for (auto const& problem : problems) std::printf("Problem: %s\n", study::escaped(problem).c_str());
  auto const page = folder / "index.html";
  std::printf("%s\n", study::escaped(page.string()).c_str());
  if (broken.empty()) return;
  std::string all;
  for (auto const& b : broken) all += (all.empty() ? "" : "; ") + b;
  std::fflush(stdout);
  throw error(errc::failed, message("the network gives away more than allowed (", all, ") see ", page.string()));
}

}  // namespace papillon::app
