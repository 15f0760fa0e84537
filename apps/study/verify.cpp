// SPDX-License-Identifier: MIT
#include <study/verify.hpp>

#include <algorithm>
#include <ctime>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/directory_entries.hpp>
#include <papillon/io/draft.hpp>
#include <papillon/io/json.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/io/safetensors.hpp>
#include <papillon/io/sha256.hpp>
#include <papillon/train/checkpoint.hpp>

#include <study/claim.hpp>
#include <study/directories.hpp>
#include <study/finished_discriminators.hpp>
#include <study/metrics_file.hpp>
#include <study/settings_file.hpp>

namespace papillon::study {

namespace {

using path = std::filesystem::path;

/// The digits that a name ends with, after its last '-'.
std::string hash_in_name(std::string const& name) {
  auto const dash = name.rfind('-');
  return dash == name.npos ? std::string() : name.substr(dash + 1);
}

class verifier {
 public:
  explicit verifier(layout const& places) : places_(&places) {}

  verification found() {
    auto const& out = places_->out();
    for (auto const& directory : {out, places_->claims(), places_->networks(), places_->attacks(), places_->tunings(),
             places_->report(), places_->report() / "figures", out / "splits"})
      look_for_drafts(directory);
    read_settings_of_study();
    for (auto const& file : io::directory_entries(out / "splits"))
      if (file.extension() == ".safetensors") read_split(file);
    for (auto const& directory : io::directory_entries(places_->networks()))
      if (std::error_code unknown; std::filesystem::is_directory(directory, unknown)) read_network(directory);
    all_.failures = failures_in(places_->claims());
    auto const attacks = io::directory_entries(places_->attacks());
    read_parts(attacks, false);
    for (auto const& kept : attacks)
      if (finished_discriminators::is_of(kept)) {
        look_for_drafts(kept);
        read_parts(io::directory_entries(kept), false);
      }
    return std::move(all_);
  }

 private:
  void add(fault what, path file, std::string why, std::vector<path> with = {}) {
    std::erase_if(with, [&](path const& p) { return p == file || !is_there(p); });
    all_.findings.push_back({what, std::move(file), std::move(why), std::move(with)});
  }
  void count(path const& file) {
    std::error_code unknown;
    auto const bytes = std::filesystem::file_size(file, unknown);
    ++all_.files;
    if (!unknown) all_.bytes += bytes;
  }

  void look_for_drafts(path const& directory) {
    for (auto const& file : io::directory_entries(directory)) {
      auto const name = file.filename().string();
      if (io::is_draft(name) && io::owner_of_draft(name) != io::draft_owner::alive)
        add(fault::left_over, file, "a process that is no more was writing it");
    }
  }

  void read_settings_of_study() {
    auto const file = places_->settings();
    if (!is_there(file)) return;
    count(file);
    try {
      settings s;
      read_settings_file(file, s);
    } catch (error const& e) {
      add(fault::damaged, file, e.what());
    }
  }

  void read_split(path const& file) {
    count(file);
    try {
      auto const hash = io::safetensors::read(file).text_of("hash");
      if (!hash.starts_with(file.stem().string())) add(fault::foreign, file, "it is split " + hash);
    } catch (error const& e) {
      add(fault::damaged, file, e.what());
    }
  }

  /// What a part file says of itself, if it is whole and of the work that its place names by the beginning of a hash;
  /// else the finding. `data`: what goes with it.
  std::optional<part_seal> read_part(path const& file, std::string const& hash, std::vector<path> const& data) {
    count(file);
    std::optional<part_seal> seal;
    try {
      seal = read_seal(file);
    } catch (error const& e) {
      add(fault::damaged, file, e.what(), data);
      return {};
    }
    if (!seal || io::sha256_hex(std::string_view(seal->work.text)) != seal->work.hash) {
      add(fault::damaged, file, "it is no result, or damaged", data);
      return {};
    }
    if (hash.size() != 8 || !seal->work.hash.starts_with(hash)) {
      add(fault::foreign, file, "it is of the work " + seal->work.hash.substr(0, 8), data);
      return {};
    }
    if (seal->old_form) ++all_.old_form;
    else ++all_.makers[seal->made_by];
    return seal;
  }

  /// Holds the files of data against their seals.
  template <class GoesWith> void compare_data(part_seal const& seal, path const& part, GoesWith goes_with) {
    for (auto const& sealed : seal.files) {
      auto const file = part.parent_path() / sealed.name;
      if (!is_there(file)) {
        add(fault::damaged, part, "its file " + sealed.name + " is missing", goes_with(sealed.name));
        continue;
      }
      count(file);
      std::string why;
      try {
        if (seal_of(file).sha256 == sealed.sha256) continue;
        why = "its contents are not those that its work wrote";
      } catch (error const& e) {
        why = e.what();
      }
      auto with = goes_with(sealed.name);
      with.push_back(part);
      auto const other = owner_of(file);
      bool const foreign = other && *other != seal.work.hash;
      add(foreign ? fault::foreign : fault::damaged, file, foreign ? "it is of the work " + other->substr(0, 8) : why,
          std::move(with));
    }
  }

  /// The hash of the training that a whole checkpoint says it is of.
  static std::optional<std::string> owner_of(path const& file) {
    if (file.extension() != ".safetensors") return {};
    try {
      auto const notes = train::check_contents(file);
      if (auto const hash = notes.find("identity"); hash != notes.end()) return hash->second;
    } catch (error const&) {  // damaged: it says nothing
    }
    return {};
  }

  void read_network(path const& directory) {
    look_for_drafts(directory);
    auto const hash = hash_in_name(directory.filename().string());
    auto const result = directory / "result.json", last = directory / "last.safetensors",
               metrics = directory / "metrics.csv";
    std::set<std::string> sealed;
    std::optional<part_seal> training;
    if (is_there(result) && (training = read_part(result, hash, {}))) {
      for (auto const& file : training->files) sealed.insert(file.name);
      compare_data(*training, result, [&](std::string const& name) {
        return name == "best.safetensors" ? std::vector<path>{} : std::vector<path>{last, metrics};
      });
    }
    auto const entries = io::directory_entries(directory);
    bool const finished = training && !training->old_form;
    std::string work = training ? training->work.hash : std::string();
    for (auto const& file : entries) {
      auto const name = file.filename().string();
      if (file.extension() != ".safetensors" || io::is_draft(name) || sealed.contains(name)) continue;
      if (finished) add(fault::left_over, file, "the training's result knows nothing of it");
      else read_checkpoint(file, hash, work);
    }
    if (is_there(metrics) && !sealed.contains("metrics.csv")) read_metrics(metrics, work, {last});
    read_provenance(directory / "provenance.json");
    read_parts(entries, training && training->old_form);
  }

  /// Of a training that is not finished, or not sealed. Leaves the hash of its work.
  void read_checkpoint(path const& file, std::string const& hash, std::string& work) {
    count(file);
    std::vector<path> with;
    if (file.filename() == "last.safetensors") with = {file.parent_path() / "metrics.csv"};
    try {
      auto notes = train::check_contents(file);
      auto const& of = notes["identity"];
      if (of.starts_with(hash)) work = of;
      else add(fault::foreign, file, "it is of the work " + of.substr(0, 8), std::move(with));
    } catch (error const& e) {
      add(fault::damaged, file, e.what(), std::move(with));
    }
  }

  void read_metrics(path const& file, std::string const& work, std::vector<path> with) {
    count(file);
    if (work.empty()) return;  // nothing says whose they should be
    try {
      metrics_file const read(file, -1, work);
    } catch (error const& e) {
      add(fault::damaged, file, e.what(), std::move(with));
    }
  }

  void read_provenance(path const& file) {
    if (!is_there(file)) return;
    count(file);
    try {
      if (io::parse_json(io::read_file<std::string>(file), file.string(), repair_advice).is_array()) return;
      add(fault::damaged, file, "it is no list of sessions");
    } catch (error const& e) {
      add(fault::damaged, file, e.what());
    }
  }

  /// Part files of outputs, features and attacks, and the arrays beside them. `features_unsealed`: of earlier versions,
  /// whose features had no part file.
  void read_parts(std::vector<path> const& entries, bool features_unsealed) {
    std::set<std::string> owned;
    for (auto const& file : entries) {
      auto const name = file.filename().string();
      if (file.extension() != ".json" || name == "result.json" || name == "provenance.json" || io::is_draft(name))
        continue;
      auto const stem = file.stem().string();
      std::vector<path> arrays;
      for (auto const& other : entries)
        if (auto const array = other.stem().string();
            other.extension() == ".npy" && (array == stem || array == stem + "-target" || array == stem + "-shadow"))
          arrays.push_back(other);
      auto const seal = read_part(file, hash_in_name(stem), arrays);
      if (seal && !seal->old_form) {
        for (auto const& sealed : seal->files) owned.insert(sealed.name);
        compare_data(*seal, file, [](std::string const&) { return std::vector<path>{}; });
      } else {
        for (auto const& array : arrays) owned.insert(array.filename().string());
      }
    }
    for (auto const& file : entries) {
      auto const name = file.filename().string();
      if (file.extension() == ".npy" && !io::is_draft(name) && !owned.contains(name) &&
          !(features_unsealed && name.starts_with("features-")))
        add(fault::left_over, file, "no result knows of it");
    }
  }

  layout const* places_;
  verification all_;
};

std::string time_stamp() {
  std::time_t const now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H-%M-%SZ", &parts)};
}

void move(path const& file, layout const& places, path const& removed) {
  if (!is_there(file)) return;  // it went with another
  auto const to = removed / file.lexically_relative(places.out());
  make_directory(to.parent_path());
  std::error_code problem;
  std::filesystem::rename(file, to, problem);
  if (problem)
    throw error(errc::failed,
        message("cannot move ", file.string(), " (", problem.message(), ") make ", places.out().string(), " writable"));
}

/// The claim that a file's work is done under; empty: it is a draft, or belongs to all.
std::string claim_on(path const& file, layout const& places) {
  auto const directory = file.parent_path();
  if (io::is_draft(file.filename().string())) return {};
  if (directory.parent_path() == places.networks())
    return claim_on_network(hash_in_name(directory.filename().string()));
  if (directory != places.attacks()) return {};
  auto stem = file.stem().string();
  for (std::string_view const role : {"-target", "-shadow"})
    if (stem.ends_with(role)) stem.resize(stem.size() - role.size());
  return claim_on_attack(hash_in_name(stem));
}

}  // namespace

std::string_view to_string(fault f) {
  switch (f) {
    case fault::damaged: return "damaged";
    case fault::foreign: return "foreign";
    case fault::left_over: return "left over";
  }
  return {};
}

verification verify_study(layout const& places) { return verifier(places).found(); }

std::filesystem::path move_away(verification const& found, layout const& places) {
  auto const stamp = places.out() / "removed" / time_stamp();
  auto removed = stamp;
  for (int other = 2; is_there(removed); ++other) removed = stamp.string() + message("-", other);
  for (auto const& f : found.findings)
    if (io::is_draft(f.file.filename().string())) move(f.file, places, removed);
  claims all(places.claims());
  std::map<std::string, claim> held;  // no program works on what goes
  for (auto const& f : found.findings)
    if (auto const name = claim_on(f.file, places); !name.empty() && !held.contains(name)) {
      auto taken = all.take(name, "verify " + f.file.filename().string());
      if (!taken)
        throw error(errc::failed,
            message(f.file.string(), " is in use (another program is working on it) wait for it, or stop it"));
      held.emplace(name, *std::move(taken));
    }
  for (auto const& f : found.findings) {
    // Results first: what is left without one is done again.
    for (auto const& other : f.with)
      if (other.extension() == ".json") move(other, places, removed);
    move(f.file, places, removed);
    for (auto const& other : f.with) move(other, places, removed);
  }
  for (auto const& file : io::directory_entries(places.claims()))  // what failed by it is tried anew
    if (is_failure_file(file)) move(file, places, removed);
  return removed;
}

}  // namespace papillon::study
