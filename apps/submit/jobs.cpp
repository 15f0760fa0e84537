// SPDX-License-Identifier: MIT
#include <submit/jobs.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <papillon/error.hpp>

namespace papillon::submit {

namespace {

/// Where a part is on its way: finished, queued or in a job of the list; nowhere yet.
struct whereabouts {
  bool finished = false;
  std::vector<place> queued;
  std::optional<std::size_t> job;

  [[nodiscard]] bool known() const { return finished || !queued.empty() || job; }
};

class builder {
 public:
  builder(std::vector<part> const& parts, std::vector<part_array> const& arrays, std::vector<part_state> const& states)
      : parts_(&parts), arrays_(&arrays) {
    for (auto const& s : states) where_.push_back({s.finished, s.queued, {}});
  }

  job_list all() {
    // Arrays stand behind those that they wait for, as a rule at once; where configurations change each other's rounds
    // it may take another turn.
    for (bool more = true; more;) {
      more = false;
      for (std::size_t a = 0; a < arrays_->size(); ++a) more |= take_ready(a);
    }
    take_report();
    return std::move(list_);
  }

 private:
  [[nodiscard]] part const& of(std::size_t index) const { return (*parts_)[index]; }

  /// Makes jobs of the elements whose forerunners are all somewhere; whether there were any.
  bool take_ready(std::size_t array) {
    std::map<std::size_t, std::size_t> ready;
    for (auto const& [number, index] : (*arrays_)[array].parts) {
      auto const& after = of(index).after;
      bool const open = of(index).kind != part_kind::report && !where_[index].known();
      if (open && std::ranges::all_of(after, [&](std::size_t other) { return where_[other].known(); }))
        ready.emplace(number, index);
    }
    if (ready.empty()) return false;
    if (of(ready.begin()->second).kind == part_kind::attack) add(array, ready, {wait_for_all(ready)});
    else add_trainings(array, ready);
    return true;
  }

  void add(std::size_t array, std::map<std::size_t, std::size_t> const& elements, std::vector<job_wait> after) {
    job j;
    j.array = array;
    std::erase_if(after, [](job_wait const& w) { return w.jobs.empty() && w.queued.empty(); });
    j.after = std::move(after);
    for (auto const& [number, index] : elements) {
      j.elements.push_back(number);
      where_[index].job = list_.jobs.size();
    }
    list_.jobs.push_back(std::move(j));
  }

  /// Elements whose parents are in one job are one job.
  void add_trainings(std::size_t array, std::map<std::size_t, std::size_t> const& ready) {
    std::map<std::pair<std::optional<std::size_t>, std::string>, std::map<std::size_t, std::size_t>> by_parent;
    for (auto const& [number, index] : ready) {
      auto const parent = of(index).parent < 0 ? whereabouts{} : where_[static_cast<std::size_t>(of(index).parent)];
      bool const waits = !parent.finished;
      auto const queued = waits && !parent.queued.empty() ? parent.queued.front().job : std::string();
      by_parent[{waits && queued.empty() ? parent.job : std::nullopt, queued}].emplace(number, index);
    }
    for (auto const& [parent, elements] : by_parent) {
      job_wait w;
      w.what = waits_for::same_element;
      if (parent.first) w.jobs = {*parent.first};
      if (!parent.second.empty()) w.queued = {{parent.second, {}}};
      add(array, elements, {w});
    }
  }

  /// Of a job that is queued its single elements: others of it may have failed before.
  [[nodiscard]] job_wait wait_for_all(std::map<std::size_t, std::size_t> const& elements) const {
    std::set<std::size_t> jobs;
    std::set<place> queued;
    for (auto const& [number, index] : elements)
      for (auto const other : of(index).after) {
        auto const& w = where_[other];
        if (w.finished) continue;
        queued.insert(w.queued.begin(), w.queued.end());
        if (w.job) jobs.insert(*w.job);
      }
    return {waits_for::success, {jobs.begin(), jobs.end()}, {queued.begin(), queued.end()}};
  }

  void take_report() {
    auto const array = arrays_->size() - 1;
    auto const& elements = (*arrays_)[array].parts;
    auto const& report = where_[elements.begin()->second];
    std::set<std::string> queued, instead;
    for (auto const& w : where_)
      for (auto const& at : w.queued) (&w == &report ? instead : queued).insert(at.job);
    if (list_.jobs.empty() && (!report.queued.empty() || (report.finished && queued.empty()))) return;
    list_.instead.assign(instead.begin(), instead.end());
    job_wait w;
    w.what = waits_for::end;
    for (std::size_t j = 0; j < list_.jobs.size(); ++j) w.jobs.push_back(j);
    for (auto const& job : queued) w.queued.push_back({job, {}});
    add(array, elements, {w});
  }

  std::vector<part> const* parts_;
  std::vector<part_array> const* arrays_;
  std::vector<whereabouts> where_;
  job_list list_;
};

}  // namespace

std::vector<part_array> arrays_of(std::vector<part> const& parts, std::size_t largest) {
  std::vector<part_array> all;
  std::map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto const& p = parts[i];
    auto name = to_string(p.kind);
    if (!p.configuration.empty()) name += "-" + p.configuration;
    if (auto const cut = p.number / largest; cut > 0) name += message(".", cut);
    auto const [at, fresh] = known.emplace(name, all.size());
    if (fresh) all.push_back({name, {}});
    all[at->second].parts.emplace(p.number % largest, i);
  }
  return all;
}

std::vector<part_state> states_of(
    std::vector<part_array> const& arrays, std::size_t parts, std::vector<queued_job> const& queue) {
  std::vector<part_state> states(parts);
  for (auto const& q : queue) {
    auto const array = std::ranges::find(arrays, q.name, &part_array::name);
    if (array == arrays.end()) continue;  // of the study as it was with other settings
    auto const part = array->parts.find(q.at.element.value_or(0));
    if (part != array->parts.end()) states[part->second].queued.push_back(q.at);
  }
  return states;
}

job_list jobs_of(
    std::vector<part> const& parts, std::vector<part_array> const& arrays, std::vector<part_state> const& states) {
  return builder(parts, arrays, states).all();
}

job_list pool_of(std::size_t workers, bool finished, std::vector<queued_job> const& queue) {
  job pool;
  for (std::size_t k = 0; k < workers; ++k) {
    bool const known = std::ranges::any_of(
        queue, [&](queued_job const& q) { return q.name == pool_name && q.at.element.value_or(0) == k; });
    if (!known) pool.elements.push_back(k);
  }
  job_list list;
  if (!finished && !pool.elements.empty()) list.jobs.push_back(std::move(pool));
  return list;
}

std::string ranges(std::vector<std::size_t> const& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    auto last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    text += message(text.empty() ? "" : ",", numbers[i]);
    if (last > i) text += message("-", numbers[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace papillon::submit
