// SPDX-License-Identifier: MIT
#include <study/configuration.hpp>

#include <string_view>

#include <papillon/error.hpp>

#include <study/text.hpp>

namespace papillon::study {

configuration dense_configuration() { return {"dense", "dense"}; }

configuration imp_configuration(int k) {
  auto digits = std::to_string(k);
  if (k < 10) digits.insert(0, 1, '0');
  return {"imp-" + digits, "imp", family::imp, k};
}

configuration butterfly_configuration(std::string const& key) {
  std::string const s(1, key.at(1)), l(1, key.at(3));
  return {"butterfly-s" + s + "-l" + l, key, family::butterfly, 0, std::stoi(s), std::stoi(l)};
}

std::vector<configuration> configurations(settings const& s) {
  std::vector<configuration> all{dense_configuration()};
  for (int k = 1; k <= s.imp.rounds; ++k) all.push_back(imp_configuration(k));
  for (auto const& key : s.study.butterflies) all.push_back(butterfly_configuration(key));
  return all;
}

configuration find_configuration(settings const& s, std::string const& name) {
  auto const all = configurations(s);
  std::vector<std::string_view> names;
  for (auto const& c : all) {
    if (c.name == name || (c.family == family::butterfly && c.key == name)) return c;
    names.push_back(c.name);
  }
  throw error(errc::usage,
      "unknown configuration '" + name + "' (not part of this study) did you mean '" + nearest(name, names) + "'?");
}

}  // namespace papillon::study
