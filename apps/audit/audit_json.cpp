// SPDX-License-Identifier: MIT
#include <audit/audit_json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include <papillon/config.hpp>

namespace papillon::audit {

namespace {

using json = nlohmann::ordered_json;

json number(double x) { return std::isfinite(x) ? json(x) : json(nullptr); }

json proportion_json(privacy::proportion const& p) {
  auto const limits = p.limits();
  return {{"percent", number(100 * p.rate())}, {"low", number(100 * limits.low)}, {"high", number(100 * limits.high)},
      {"count", p.count}, {"of", p.total}};
}

/// Members found at few false alarms; nothing of it where the others are too few to tell.
json operating_point_json(privacy::operating_point const& p) {
  auto j = proportion_json(p.shown ? p.found : privacy::proportion{});
  j["false_alarms"] = p.shown ? json(p.wrong.count) : json(nullptr);
  return j;
}

json attack_json(privacy::audit_attack const& a) {
  auto const area = a.auc.limits(), accuracy = a.accuracy_limits();
  return {{"name", a.name}, {"scores", "scores/" + file_name(a.name) + ".npy"},
      {"auc", {{"value", number(a.auc.value)}, {"standard_error", number(a.auc.standard_error)},
                  {"low", number(area.low)}, {"high", number(area.high)}}},
      {"tpr_at_1_percent", operating_point_json(a.at_one_percent)},
      {"tpr_at_tenth_percent", operating_point_json(a.at_tenth)},
      {"accuracy", {{"percent", number(100 * a.accuracy())}, {"low", number(100 * accuracy.low)},
                       {"high", number(100 * accuracy.high)}}},
      {"members_found", proportion_json(a.decisions.members)},
      {"others_ruled_out", proportion_json(a.decisions.others)}, {"threshold", number(a.threshold)},
      {"source", name_of(a.source)}};
}

}  // namespace

std::string_view name_of(privacy::threshold_source s) {
  constexpr std::array<std::string_view, 4> names{"fixed", "transferred", "cross-validated", "oracle"};
  return names[static_cast<std::size_t>(s)];
}

std::string file_name(std::string_view attack) {
  std::string name(attack);
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.') c = '-';
  return name;
}

json to_json(privacy::audit_result const& found) {
  auto const members = static_cast<std::size_t>(std::count(found.members.begin(), found.members.end(), 1));
  json attacks = json::array();
  for (auto const& a : found.attacks) attacks.push_back(attack_json(a));
  return {{"version", PAPILLON_VERSION}, {"images", found.members.size()}, {"members", members},
      {"others", found.members.size() - members}, {"strongest", found.strongest().name}, {"warnings", found.warnings},
      {"attacks", std::move(attacks)}};
}

}  // namespace papillon::audit
