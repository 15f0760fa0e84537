// SPDX-License-Identifier: MIT
#include <study/part_file.hpp>

#include <cstddef>
#include <utility>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/json.hpp>
#include <papillon/io/read_file.hpp>
#include <papillon/io/sha256.hpp>

#include <study/directories.hpp>
#include <study/results_json.hpp>

namespace papillon::study {

namespace {

using json = nlohmann::ordered_json;

// A part file ends with the hash of the document that it would be without it.
constexpr std::string_view end_of_document = "\n}\n";
constexpr std::string_view seal_begins = ",\n  \"contents\": \"";
constexpr std::string_view seal_ends = "\"\n}\n";
constexpr std::string_view result_begins = ",\n  \"result\": ";

std::string with_seal(std::string const& document) {
  auto const hash = io::sha256_hex(std::string_view(document));
  return message(document.substr(0, document.size() - end_of_document.size()), seal_begins, hash, seal_ends);
}

/// The document without its seal; nothing where it has none, or another one than its contents have.
std::optional<std::string> without_seal(std::string_view text) {
  constexpr std::size_t digits = 64;
  auto const tail = seal_begins.size() + digits + seal_ends.size();
  if (text.size() < tail || !text.ends_with(seal_ends)) return {};
  auto const seal = text.substr(text.size() - tail);
  if (!seal.starts_with(seal_begins)) return {};
  auto document = std::string(text.substr(0, text.size() - tail)).append(end_of_document);
  if (io::sha256_hex(std::string_view(document)) != seal.substr(seal_begins.size(), digits)) return {};
  return document;
}

bool is_old_form(json const& document) {
  return document.is_object() && document.size() == 3 && document.contains("result") && document.contains("sha256") &&
         document["sha256"].is_string() && document.contains("identity") && document["identity"].is_string();
}

/// Nothing where it is none, or more than one of the program's could be.
json document_in(std::string_view text) {
  try {
    return io::parse_json(text, "a result", repair_advice);
  } catch (error const&) {
    return {};
  }
}

std::string text_of(json const& object, char const* name) { return object.at(name).get<std::string>(); }

identity work_of(json const& head) { return {text_of(head, "identity"), text_of(head, "sha256")}; }

/// Throws nlohmann::json::exception where something misses or is of another kind.
part_seal seal_from(json const& head) {
  part_seal seal;
  seal.work = work_of(head);
  auto const& made_by = head.at("made_by");
  seal.made_by = {text_of(made_by, "build"), text_of(made_by, "device")};
  for (auto const& [name, file] : head.at("files").items())
    seal.files.push_back({name, file.at("bytes").get<std::uint64_t>(), text_of(file, "sha256")});
  return seal;
}

std::optional<part_seal> seal_in(std::string const& text) {
  if (auto const document = without_seal(text)) {
    auto const at = document->find(result_begins);  // what stands above needs no reading of all numbers
    auto const head = document_in(document->substr(0, at) + "}");
    if (at == document->npos || !head.is_object() || head.size() != 4) return {};
    try {
      return seal_from(head);
    } catch (json::exception const&) {
      return {};
    }
  }
  auto const document = document_in(text);
  if (!is_old_form(document)) return {};
  return part_seal{work_of(document), {}, {}, true};
}

bool is_of(part_seal const& seal, identity const& work) {
  return seal.work.hash == work.hash && (work.text.empty() || seal.work.text == work.text);
}

void write_document(std::filesystem::path const& file, identity const& work, json result, maker const& made_by,
    std::vector<std::filesystem::path> const& data) {
  json document;
  document["sha256"] = work.hash;
  document["identity"] = work.text;
  document["made_by"] = {{"build", made_by.build}, {"device", made_by.device}};
  document["files"] = json::object();
  for (auto const& path : data) {
    auto const seal = seal_of(path);
    document["files"][seal.name] = {{"bytes", seal.bytes}, {"sha256", seal.sha256}};
  }
  document["result"] = std::move(result);
  io::write_atomically(file, with_seal(document_text(document)));
}

part_check check_data(part_seal const& seal, std::filesystem::path const& directory, look how) {
  for (auto const& sealed : seal.files) {
    auto const file = directory / sealed.name;
    std::error_code problem;
    auto const bytes = std::filesystem::file_size(file, problem);
    if (problem && !is_there(file)) return {part_state::absent, file, "it is missing"};
    if (problem) return {part_state::damaged, file, problem.message()};
    if (bytes != sealed.bytes)
      return {part_state::damaged, file, message("it has ", bytes, " bytes, and had ", sealed.bytes)};
    if (how == look::at_contents && seal_of(file).sha256 != sealed.sha256)
      return {part_state::damaged, file, "its contents are not those that its work wrote: it is damaged, or another's"};
  }
  return {part_state::whole, {}, {}};
}

}  // namespace

sealed_file seal_of(std::filesystem::path const& file) {
  auto const bytes = io::read_file(file, io::largest::array);
  return {file.filename().string(), bytes.size(), io::sha256_hex(std::span<std::byte const>(bytes))};
}

template <class Part>
void write_part(std::filesystem::path const& file, identity const& work, Part const& part, maker const& made_by,
    std::vector<std::filesystem::path> const& data) {
  write_document(file, work, to_json(part), made_by, data);
}

void write_seal(std::filesystem::path const& file, identity const& work, maker const& made_by,
    std::vector<std::filesystem::path> const& data) {
  write_document(file, work, json::object(), made_by, data);
}

template <class Part> Part read_part(std::filesystem::path const& file, identity const& work) {
  auto const fail = [&](std::string const& why) {
    throw error(errc::bad_input, message(file.string(), " cannot be used (", why, ") ", repair_advice));
  };
  auto const text = io::read_file<std::string>(file);
  auto const seal = seal_in(text);
  if (!seal) fail("it is no result, or damaged");
  if (!is_of(*seal, work)) fail("it is the result of other work");
  auto const document = io::parse_json(text, file.string(), repair_advice);
  Part part;
  try {
    read_json(document["result"], part);
  } catch (error const& e) {
    fail(e.what());
  }
  return part;
}

std::optional<part_seal> read_seal(std::filesystem::path const& file) {
  return seal_in(io::read_file<std::string>(file));
}

void seal_old_part(
    std::filesystem::path const& file, maker const& made_by, std::vector<std::filesystem::path> const& data) {
  auto document = document_in(io::read_file<std::string>(file));
  if (!is_old_form(document))
    throw error(errc::bad_input, message(file.string(), " cannot be used (it is damaged) ", repair_advice));
  write_document(file, work_of(document), document["result"], made_by, data);
}

part_check check_part(std::filesystem::path const& file, identity const& work, look how) {
  if (!is_there(file)) return {part_state::absent, file, "it is missing"};
  try {
    auto const seal = read_seal(file);
    if (!seal) return {part_state::damaged, file, "it is no result, or damaged"};
    if (!is_of(*seal, work)) return {part_state::foreign, file, "it is the result of other work"};
    if (seal->old_form) return {part_state::old_form, file, {}};
    return check_data(*seal, file.parent_path(), how);
  } catch (error const& e) {
    return {part_state::damaged, file, e.what(), e.cause()};
  }
}

void refuse_unusable(part_check const& found) {
  if (found.state == part_state::damaged || found.state == part_state::foreign)
    throw error(errc::bad_input,
        message(found.file.string(), " cannot be used (", found.why, ") ",
            found.cause == 0 ? repair_advice : "make it readable, and give the command again"),
        found.cause);
}

void require_part(std::filesystem::path const& file, identity const& work) {
  auto const found = check_part(file, work, look::at_contents);
  refuse_unusable(found);
  if (found.state == part_state::absent)
    throw error(
        errc::bad_input, message(found.file.string(), " cannot be used (it is missing) give the command again"));
}

template void write_part(std::filesystem::path const&, identity const&, network_result const&, maker const&,
    std::vector<std::filesystem::path> const&);
template network_result read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, network_quality const&, maker const&,
    std::vector<std::filesystem::path> const&);
template network_quality read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, seed_result const&, maker const&,
    std::vector<std::filesystem::path> const&);
template seed_result read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, kept_discriminator const&, maker const&,
    std::vector<std::filesystem::path> const&);
template kept_discriminator read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, listed_attack const&, maker const&,
    std::vector<std::filesystem::path> const&);
template listed_attack read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, memorisation_result const&, maker const&,
    std::vector<std::filesystem::path> const&);
template memorisation_result read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, matched_result const&, maker const&,
    std::vector<std::filesystem::path> const&);
template matched_result read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, course_result const&, maker const&,
    std::vector<std::filesystem::path> const&);
template course_result read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, audit_result const&, maker const&,
    std::vector<std::filesystem::path> const&);
template audit_result read_part(std::filesystem::path const&, identity const&);

}  // namespace papillon::study
