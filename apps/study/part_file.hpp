// SPDX-License-Identifier: MIT
/// \file part_file.hpp
/// A part of a study's results (a network's, an attack's) as a JSON file of its own: the identity of the work, what it
/// was made by, the files of data that belong to it with the SHA-256 of each, the result, and last the SHA-256 of all
/// that stands above. It is written last of all that a task writes: a task is finished where this file is whole, of the
/// task's work, and its files of data are there. Where a file lies says only where to look.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <study/identity.hpp>

namespace papillon::study {

/// What a person can do about a file that is not what it should be.
inline constexpr char const* repair_advice =
    "papillon study verify --repair moves it away, so that its work is done again";

/// What numbers were made by: two makers may give other bits.
struct maker {
  std::string build;   ///< version, commit, compiler, flags, instruction set
  std::string device;  ///< and lanes; not threads, which change no bit
  friend bool operator==(maker const&, maker const&) = default;
  friend auto operator<=>(maker const&, maker const&) = default;  // NOLINT(modernize-use-nullptr): it writes none
};

/// A file of data beside a part file.
struct sealed_file {
  std::string name;
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// What a part file says besides the result.
struct part_seal {
  identity work;
  maker made_by;
  std::vector<sealed_file> files;
  bool old_form = false;  ///< by an earlier version, which sealed nothing: it has an identity alone
};

/// SHA-256 and size of a file. Throws errc::bad_input.
[[nodiscard]] sealed_file seal_of(std::filesystem::path const& file);

/// Writes the result of a piece of work, sealing the files of data (all in the directory of `file`). Throws
/// errc::failed.
template <class Part>
void write_part(std::filesystem::path const& file, identity const& work, Part const& part, maker const& made_by = {},
    std::vector<std::filesystem::path> const& data = {});

/// The same of work whose result is its files of data.
void write_seal(std::filesystem::path const& file, identity const& work, maker const& made_by,
    std::vector<std::filesystem::path> const& data);

/// Reads it. Throws errc::bad_input for a file that is damaged or of other work; files of data are not looked at.
template <class Part> [[nodiscard]] Part read_part(std::filesystem::path const& file, identity const& work);

/// What a part file says of itself; nothing where it is damaged or no part file. Throws errc::bad_input for one that
/// cannot be read.
[[nodiscard]] std::optional<part_seal> read_seal(std::filesystem::path const& file);

/// Writes a part file of the old form as one of today, sealing the files of data as they are.
void seal_old_part(std::filesystem::path const& file, maker const& made_by, std::vector<std::filesystem::path> const&);

enum class part_state {
  absent,  ///< or a file of its data is
  whole,
  old_form,  ///< whole as far as can be told
  foreign,   ///< of other work
  damaged,   ///< the part file or a file of its data
};

/// What was found of a part file, and of which file that is.
struct part_check {
  part_state state = part_state::absent;
  std::filesystem::path file;
  std::string why;
  int cause = 0;  ///< errno, where it could not be read

  [[nodiscard]] bool finished() const { return state == part_state::whole || state == part_state::old_form; }
};

/// How closely files of data are looked at: whether they are there in their size, or every byte of them.
enum class look { at_sizes, at_contents };

/// Looks at a part file and its files of data; never throws papillon::error.
[[nodiscard]] part_check check_part(std::filesystem::path const& file, identity const& work, look how);

/// Throws errc::bad_input for a part, or files of data, that are damaged or of other work, with what was found.
void refuse_unusable(part_check const& found);

/// What is built on has to be whole and of this work, to the last byte. Throws errc::bad_input.
void require_part(std::filesystem::path const& file, identity const& work);

}  // namespace papillon::study
