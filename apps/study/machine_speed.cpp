// SPDX-License-Identifier: MIT
#include <study/machine_speed.hpp>

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/json.hpp>
#include <papillon/io/read_file.hpp>

#include <study/directories.hpp>

namespace papillon::study {

namespace {

/// Of all networks together; only compared.
double speed_of(way_to_share const& way) {
  double sum = 0;
  for (double const rate : way.images_per_second) sum += std::log(rate);
  return sum;
}

bool is_whole(machine_speed const& m) {
  auto const measured = [&](way_to_share const& way) {
    return way.workers >= 1 && way.threads >= 1 && way.workers <= m.processors / way.threads &&
           way.images_per_second.size() == m.networks.size() &&
           std::ranges::all_of(way.images_per_second, [](double rate) { return rate > 0; });
  };
  return !m.networks.empty() && !m.ways.empty() && std::ranges::all_of(m.ways, measured);
}

}  // namespace

std::vector<way_to_share> ways_to_share(int processors) {
  std::vector<way_to_share> all;
  for (int workers = 1; workers < processors; workers *= 2) all.push_back({workers, processors / workers, {}});
  all.push_back({processors, 1, {}});
  return all;
}

way_to_share const& fastest_way(machine_speed const& measured, int most) {
  way_to_share const* best = nullptr;
  for (auto const& way : measured.ways)
    if (way.workers <= most && (best == nullptr || speed_of(way) > speed_of(*best))) best = &way;
  if (best == nullptr)
    throw error(errc::usage, "no number of workers fits on this machine (too little memory) give --workers yourself");
  return *best;
}

std::filesystem::path speed_file(std::filesystem::path const& out, std::string const& host) {
  return out / message("speed-", host, ".json");
}

std::optional<machine_speed> read_machine_speed(std::filesystem::path const& file) {
  if (!is_there(file)) return {};
  try {
    auto const document =
        io::parse_json(io::read_file<std::string>(file, io::largest::settings), file.string(), "remove it");
    machine_speed m;
    document.at("build").get_to(m.build);
    document.at("processors").get_to(m.processors);
    document.at("networks").get_to(m.networks);
    for (auto const& way : document.at("ways"))
      m.ways.push_back({way.at("workers"), way.at("threads"), way.at("images_per_second")});
    if (is_whole(m)) return m;
  } catch (error const&) {                      // it cannot be read, or is no JSON
  } catch (nlohmann::json::exception const&) {  // something is missing, or of another type
  }
  return {};
}

void write_machine_speed(std::filesystem::path const& file, machine_speed const& measured) {
  nlohmann::ordered_json document{
      {"build", measured.build}, {"processors", measured.processors}, {"networks", measured.networks}};
  auto& ways = document["ways"] = nlohmann::ordered_json::array();
  for (auto const& way : measured.ways)
    ways.push_back(nlohmann::ordered_json{
        {"workers", way.workers}, {"threads", way.threads}, {"images_per_second", way.images_per_second}});
  io::write_atomically(file, document.dump(2) + "\n");
}

bool is_of(machine_speed const& measured, machine_speed const& now) {
  return measured.build == now.build && measured.processors == now.processors && measured.networks == now.networks;
}

}  // namespace papillon::study
