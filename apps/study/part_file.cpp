// SPDX-License-Identifier: MIT
#include <study/part_file.hpp>

#include <string>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>
#include <papillon/io/atomic_file.hpp>
#include <papillon/io/json.hpp>
#include <papillon/io/read_file.hpp>

#include <study/results_json.hpp>

namespace papillon::study {

template <class Part> void write_part(std::filesystem::path const& file, identity const& work, Part const& part) {
  nlohmann::ordered_json document;
  document["sha256"] = work.hash;
  document["identity"] = work.text;
  document["result"] = to_json(part);
  io::write_atomically(file, document_text(document));
}

template <class Part> Part read_part(std::filesystem::path const& file, identity const& work) {
  char const* const remedy = "remove it to do its work again";
  auto const fail = [&](std::string const& why) {
    throw error(errc::bad_input, message(file.string(), " cannot be used (", why, ") ", remedy));
  };
  auto const document = io::parse_json(io::read_file<std::string>(file), file.string(), remedy);
  if (!document.is_object() || !document.contains("result")) fail("it is no result, or damaged");
  if (!document.contains("sha256") || document["sha256"] != work.hash) fail("it is the result of other work");
  Part part;
  try {
    read_json(document["result"], part);
  } catch (error const& e) {
    fail(e.what());
  }
  return part;
}

template void write_part(std::filesystem::path const&, identity const&, network_result const&);
template network_result read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, network_quality const&);
template network_quality read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, seed_result const&);
template seed_result read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, listed_attack const&);
template listed_attack read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, memorisation_result const&);
template memorisation_result read_part(std::filesystem::path const&, identity const&);
template void write_part(std::filesystem::path const&, identity const&, matched_result const&);
template matched_result read_part(std::filesystem::path const&, identity const&);

}  // namespace papillon::study
