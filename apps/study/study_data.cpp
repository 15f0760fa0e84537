// SPDX-License-Identifier: MIT
#include <study/study_data.hpp>

#include <algorithm>
#include <iterator>
#include <string>

#include <papillon/data/cifar10.hpp>
#include <papillon/data/cifar100.hpp>
#include <papillon/data/mnist.hpp>
#include <papillon/data/split_file.hpp>
#include <papillon/data/synthetic.hpp>
#include <papillon/error.hpp>

#include <study/directories.hpp>
#include <study/image_kind.hpp>

namespace papillon::study {

namespace {

data::image_set drawn_images(settings const& s) {
  data::synthetic_options o;
  o.noise = static_cast<float>(s.data.synthetic_noise);
  o.label_noise = static_cast<float>(s.data.synthetic_label_noise);
  o.tint = static_cast<float>(s.data.synthetic_tint);
  return data::synthetic_images(4 * static_cast<std::size_t>(s.data.subset), 0, o);
}

data::split study_split(settings const& s, data::collection const& c, std::uint64_t split_seed) {
  auto const validation = static_cast<std::uint32_t>(s.data.validation);
  if (s.data.split == image_split::archive)
    return data::usual_split(c, static_cast<std::uint32_t>(kind_of(s.data.source).training), validation, split_seed);
  return data::draw_split(c, {static_cast<std::uint32_t>(s.data.subset), validation, split_seed});
}

}  // namespace

data::index_list canaries_of(data::split::role const& r, role who, int count) {
  data::index_list canaries;
  std::ranges::set_difference(r.test, r.strict_test, std::back_inserter(canaries));
  random::engine engine({0, static_cast<std::uint32_t>(who), random::purpose::canaries}, 1);
  random::shuffle(engine, canaries);
  canaries.resize(std::min(canaries.size(), static_cast<std::size_t>(count)));
  std::ranges::sort(canaries);
  return canaries;
}

std::vector<std::uint8_t> included_canaries(data::index_list const& canaries, role who, std::uint64_t seed) {
  std::vector<std::uint8_t> included;
  for (auto const image : canaries) {
    random::engine coin({seed, static_cast<std::uint32_t>(who), random::purpose::canaries}, 0, image);
    included.push_back(random::below(coin, 2) == 1 ? 1 : 0);
  }
  return included;
}

cohort_images images_of(study_data const& d, cohort const& c, std::uint64_t seed, audit_settings const& audit) {
  auto const& role = d.split_for(seed).roles[static_cast<std::size_t>(c.role)];
  if (!c.is_reference()) {
    cohort_images all{role.trained, role.validation, role.test};
    if (audit.canaries == 0) return all;
    auto const canaries = canaries_of(role, c.role, audit.canaries);
    auto const included = included_canaries(canaries, c.role, seed);
    for (std::size_t i = 0; i < canaries.size(); ++i)
      if (included[i] != 0) all.trained.push_back(canaries[i]);
    std::ranges::sort(all.trained);
    all.test.clear();
    std::ranges::set_difference(role.test, canaries, std::back_inserter(all.test));
    return all;
  }
  auto const members = role.train();
  data::index_list pool = members;
  pool.insert(pool.end(), role.test.begin(), role.test.end());
  std::ranges::sort(pool);
  random::engine engine({seed, static_cast<std::uint32_t>(c.role), random::purpose::references,
      static_cast<std::uint32_t>(c.reference / 2)});
  random::shuffle(engine, pool);
  auto const border = pool.begin() + static_cast<std::ptrdiff_t>(pool.size() / 2);
  data::index_list half =
      c.reference % 2 == 0 ? data::index_list(pool.begin(), border) : data::index_list(border, pool.end());
  data::index_list const other =
      c.reference % 2 == 0 ? data::index_list(border, pool.end()) : data::index_list(pool.begin(), border);
  cohort_images all;
  auto const trained = half.begin() + static_cast<std::ptrdiff_t>(half.size() - role.validation.size());
  all.trained.assign(half.begin(), trained);
  all.validation.assign(trained, half.end());
  all.test = other;
  for (auto* list : {&all.trained, &all.validation, &all.test}) std::ranges::sort(*list);
  return all;
}

data::index_list asked_images(data::split const& s) {
  data::index_list all;
  for (auto const& role : s.roles)
    for (auto const& list : {role.trained, role.validation, role.test}) all.insert(all.end(), list.begin(), list.end());
  std::ranges::sort(all);
  return all;
}

attacked_images attacked_images_of(data::split::role const& r) {
  attacked_images all{r.train(), 0};
  all.members = all.images.size();
  all.images.insert(all.images.end(), r.test.begin(), r.test.end());
  return all;
}

std::vector<std::uint32_t> strict_rows(data::split::role const& r) {
  auto const [images, members] = attacked_images_of(r);
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < images.size(); ++i) {
    auto const& counted = i < members ? r.trained : r.strict_test;
    if (std::binary_search(counted.begin(), counted.end(), images[i])) rows.push_back(static_cast<std::uint32_t>(i));
  }
  return rows;
}

data::normalisation normalisation_of(settings const& s) {
  data::normalisation n;
  std::copy_n(s.normalisation.mean.begin(), n.mean.size(), n.mean.begin());
  std::copy_n(s.normalisation.deviation.begin(), n.deviation.size(), n.deviation.begin());
  return n;
}

data::image_set load_images(settings const& s, std::filesystem::path const& directory) {
  switch (s.data.source) {
    case image_source::cifar10: return data::read_cifar10(directory);
    case image_source::cifar100: return data::read_cifar100(directory);
    case image_source::mnist: return data::read_mnist(directory);
    case image_source::synthetic: break;
  }
  return drawn_images(s);
}

std::string images_name(settings const& s, data::collection const& c) {
  std::string name(kind_of(s.data.source).name);
  if (s.data.source != image_source::cifar10 || c.hash == data::cifar10_hash) return name;
  return message("other images in the form of ", name, " (data hash ", c.hash.substr(0, 8), "..., not ",
      data::cifar10_hash.substr(0, 8), "...)");
}

study_data load_study_data(settings const& s, std::filesystem::path const& directory) {
  study_data d{data::collect(load_images(s, directory)), {}};
  d.split = study_split(s, d.collection, s.data.split_seed);
  if (s.study.splits == drawn_splits::seed)
    for (std::uint64_t const seed : s.study.seeds)
      d.split_of_seed[seed] = study_split(s, d.collection, s.data.split_seed + (seed << 32));
  return d;
}

data_identity study_data::identity() const {
  data_identity all{collection.hash, split.hash, {}};
  for (auto const& [seed, own] : split_of_seed) all.split_of_seed[seed] = own.hash;
  return all;
}

void store_split(study_data const& d, std::filesystem::path const& out) {
  auto const directory = out / "splits";
  auto const store = [&](data::split const& split) {
    auto const file = directory / (split.hash.substr(0, 8) + ".safetensors");
    if (!is_there(file)) {
      make_directory(directory);
      data::write_split(file, split);
    } else if (data::read_split(file, d.collection) != split) {
      throw error(errc::bad_input,
          message(file.string(),
              " is not the split that these settings give (it was made by another program) choose another --out"));
    }
  };
  if (d.split_of_seed.empty()) return store(d.split);
  for (auto const& [seed, split] : d.split_of_seed) store(split);
}

}  // namespace papillon::study
