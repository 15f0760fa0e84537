// SPDX-License-Identifier: MIT
#include <audit/limits.hpp>

#include <algorithm>
#include <cstdio>
#include <span>

#include <papillon/error.hpp>

#include <study/text.hpp>

namespace papillon::audit {

namespace {

[[noreturn]] void refuse(std::string_view text, std::string const& why) {
  throw error(
      errc::usage, message("no limit '", std::string(text), "' (", why,
                       ") write auc=0.6, accuracy=0.55, or tpr@0.01=0.05 for the members found at 1 % false alarms"));
}

double share(std::string_view text, std::string_view whole) {
  double x = 0;
  if (!study::read_number(text, x) || !(x >= 0 && x <= 1))
    refuse(whole, "'" + std::string(text) + "' is no number from 0 to 1");
  return x;
}

/// What is limited, with its interval.
struct measured {
  std::string name;
  double value;
  privacy::interval limits;
};

measured measure(privacy::audit_result const& found, privacy::audit_attack const& attack, limit const& l) {
  if (l.what == limit::quantity::auc) return {"AUC", attack.auc.value, attack.auc.limits()};
  if (l.what == limit::quantity::accuracy) return {"accuracy", attack.accuracy(), attack.accuracy_limits()};
  privacy::roc_curve const curve(std::span<double const>(attack.scores), found.members);
  auto const point = curve.true_positive_rate_at(l.fpr);
  auto const share = study::number_text(l.fpr);
  if (!point.shown)
    throw error(errc::usage, message("no limit of tpr@", share, " (", curve.others(), " others have no ", share,
                                 " of an image) take a larger share, or give more others"));
  return {"tpr@" + share, point.found.rate(), point.found.limits()};
}

std::string decimals(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", x);
  return text;
}

}  // namespace

limit parse_limit(std::string_view text) {
  auto const equals = text.find('=');
  if (equals == std::string_view::npos) refuse(text, "there is no =");
  auto const name = text.substr(0, equals);
  limit l;
  l.value = share(text.substr(equals + 1), text);
  if (name == "auc") {
    l.what = limit::quantity::auc;
  } else if (name == "accuracy") {
    l.what = limit::quantity::accuracy;
  } else if (name.starts_with("tpr@")) {
    l.what = limit::quantity::tpr;
    l.fpr = share(name.substr(4), text);
  } else {
    refuse(text, "'" + std::string(name) + "' is neither auc, accuracy nor tpr@SHARE");
  }
  return l;
}

std::vector<std::string> exceeded(privacy::audit_result const& found, std::vector<limit> const& limits) {
  std::vector<std::string> sentences;
  for (auto const& l : limits)
    for (auto const& attack : found.attacks) {
      auto const m = measure(found, attack, l);
      if (m.limits.low > l.value)
        sentences.push_back(message(attack.name, ": ", m.name, " ", decimals(m.value), ", at least ",
            decimals(m.limits.low), ", above ", study::number_text(l.value)));
    }
  return sentences;
}

}  // namespace papillon::audit
