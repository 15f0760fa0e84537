// SPDX-License-Identifier: MIT
#include <audit/split_csv.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <papillon/error.hpp>

#include <audit/csv_file.hpp>
#include <study/image_kind.hpp>

namespace papillon::audit {

namespace {

struct source_file {
  std::string name;
  std::size_t records;
};

/// The files that the images come from, in their order.
std::vector<source_file> source_files(study::settings const& s, std::size_t images) {
  study::image_kind const& kind = study::kind_of(s.data.source);
  auto const training = static_cast<std::size_t>(kind.training), test = static_cast<std::size_t>(kind.test);
  switch (s.data.source) {
    case study::image_source::cifar10: break;
    case study::image_source::cifar100: return {{"train.bin", training}, {"test.bin", test}};
    case study::image_source::mnist: return {{"train-images-idx3-ubyte", training}, {"t10k-images-idx3-ubyte", test}};
    case study::image_source::synthetic: return {{"built-in", images}};
  }
  std::vector<source_file> files;
  for (int k = 1; k <= 5; ++k) files.push_back({message("data_batch_", k, ".bin"), training / 5});
  files.push_back({"test_batch.bin", test});
  return files;
}

/// Where each image is in the collection, by its place in the source.
data::index_list places_of(data::collection const& c) {
  data::index_list places(c.source.size());
  for (std::uint32_t i = 0; i < places.size(); ++i) places[c.source[i]] = i;
  return places;
}

/// The lists of a role by the names of their parts, such that each image has one part: the first whose list it is in.
template <class Role> auto parts_of(Role& role) {
  return std::array{std::pair{"trained", &role.trained}, std::pair{"validation", &role.validation},
      std::pair{"strict_test", &role.strict_test}, std::pair{"test", &role.test}};
}
constexpr std::array role_names{"target", "shadow"};

/// Finds the image that a row names.
class image_finder {
 public:
  image_finder(csv_file const& file, study::settings const& s, data::collection const& c)
      : file_(file), collection_(c), places_(places_of(c)), files_(source_files(s, places_.size())),
        name_(file.column("file")), record_(file.column("record")) {
    if (file.has("digest")) digest_ = file.column("digest");
  }

  [[nodiscard]] std::uint32_t operator()(std::size_t row) const {
    std::string const name(file_.text(row, name_));
    std::size_t first = 0;
    auto f = files_.begin();
    for (; f != files_.end() && f->name != name; ++f) first += f->records;
    if (f == files_.end())
      file_.refuse(row, "these images have no file '" + name + "'", "take the preset and data that the split is of");
    double const record = file_.number(row, record_);
    if (!(record >= 0 && record < static_cast<double>(f->records) && record == std::floor(record)))
      file_.refuse(row, message(name, " has records 0 to ", f->records - 1), "take the data that the split is of");
    auto const image = places_[first + static_cast<std::size_t>(record)];
    if (digest_ && !file_.text(row, *digest_).empty() &&
        file_.text(row, *digest_) != io::to_hex(collection_.digests[image]))
      file_.refuse(row, "the image has another digest", "take the data that the split is of");
    return image;
  }

 private:
  csv_file const& file_;
  data::collection const& collection_;
  data::index_list places_;
  std::vector<source_file> files_;
  std::size_t name_, record_;
  std::optional<std::size_t> digest_;
};

}  // namespace

std::string split_csv(study::settings const& s, study::study_data const& d) {
  auto const& c = d.collection;
  auto const places = places_of(c);
  std::vector<std::string> part(places.size());
  std::vector<std::string> order;
  for (std::size_t r = 0; r < role_names.size(); ++r)
    for (auto const& [name, list] : parts_of(d.split.roles[r])) {
      order.push_back(message(role_names[r], ".", name));
      for (auto const i : *list)
        if (part[i].empty()) part[i] = order.back();
    }
  std::map<std::string, std::string> rows;
  std::size_t source = 0;
  for (auto const& file : source_files(s, places.size()))
    for (std::size_t record = 0; record < file.records; ++record) {
      auto const i = places[source++];
      if (!part[i].empty())
        rows[part[i]] += message(file.name, ",", record, ",", io::to_hex(c.digests[i]), ",", part[i], "\n");
    }
  std::string text = "file,record,digest,part\n";
  for (auto const& name : order) text += rows[name];
  return text;
}

std::array<data::split::role, 2> read_split_csv(
    std::filesystem::path const& path, study::settings const& s, data::collection const& c) {
  csv_file const file(path);
  image_finder const find(file, s, c);
  std::array<data::split::role, 2> roles;
  std::map<std::string, data::index_list*, std::less<>> lists;
  for (std::size_t r = 0; r < roles.size(); ++r)
    for (auto const& [name, list] : parts_of(roles[r])) lists[message(role_names[r], ".", name)] = list;
  bool const by_part = file.has("part");
  auto const column = file.column(by_part ? "part" : "member");
  auto const list_of = [&](std::size_t row) -> data::index_list& {
    if (!by_part) {
      double const member = file.number(row, column);
      if (member != 0 && member != 1) file.refuse(row, "membership that is neither 0 nor 1", "write 1 for members");
      return member == 1 ? roles[0].trained : roles[0].strict_test;
    }
    auto const found = lists.find(file.text(row, column));
    if (found == lists.end())
      file.refuse(row, message("there is no part '", file.text(row, column), "'"),
          "name target or shadow, and trained, validation, strict_test or test, as in target.trained");
    return *found->second;
  };
  std::vector<std::uint8_t> listed(c.images.size());
  for (std::size_t row = 0; row < file.rows(); ++row) {
    auto const image = find(row);
    if (listed[image]++ != 0) file.refuse(row, "the image is there a second time", "list each image once");
    list_of(row).push_back(image);
  }
  for (auto& role : roles) {
    role.test.insert(role.test.end(), role.strict_test.begin(), role.strict_test.end());
    for (auto* const list : {&role.trained, &role.validation, &role.test, &role.strict_test})
      std::sort(list->begin(), list->end());
  }
  return roles;
}

}  // namespace papillon::audit
