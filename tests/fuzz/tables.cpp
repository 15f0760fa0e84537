// SPDX-License-Identifier: MIT
// What an audit is given as csv: arrays, scores, members, and who is in which part of a split.
#include <papillon/data/synthetic.hpp>

#include <audit/input_files.hpp>
#include <audit/split_csv.hpp>

#include "files.hpp"
#include "target.hpp"

namespace {

using namespace papillon;

study::settings const& settings() {
  static study::settings const all = [] {
    study::settings s;
    s.data.source = study::image_source::synthetic;
    return s;
  }();
  return all;
}
study::study_data const& images() {
  static study::study_data const all = [] {
    study::study_data d{data::collect(data::synthetic_images(20, 1)), {}};
    d.split = data::draw_split(d.collection, {.per_part = 5, .validation = 1});
    return d;
  }();
  return all;
}

void run(std::string_view input) {
  auto const path = fuzz::file_with(input, "table.csv");
  fuzz::accepted([&] { (void)audit::read_array(path); });
  fuzz::accepted([&] { (void)audit::read_column(path, "label"); });
  fuzz::accepted([&] { (void)audit::read_scores(path); });
  fuzz::accepted([&] { fuzz::require(audit::read_members(path, 4).size() == 4, "members of other images"); });
  fuzz::accepted([&] {
    auto const roles = audit::read_split_csv(path, settings(), images().collection);
    auto again = images();
    again.split.roles = roles;
    auto const back = audit::read_split_csv(
        fuzz::file_with(audit::split_csv(settings(), again), "again.csv"), settings(), images().collection);
    fuzz::require(back == roles, "a split changed");
  });
}

std::vector<std::string> seeds() {
  return {"score,member\n0.5,1\n-1e3,0\nnan,1\n2,0\n", "\"a\", b\r\n1,2\r\n3,True\r\n", "index\n0\n3\n", "label\n7\n",
      "file,record,member\nbuilt-in,3,1\nbuilt-in,4,0\n", audit::split_csv(settings(), images())};
}

fuzz::registration const registered({"tables", run, seeds});

}  // namespace
