// SPDX-License-Identifier: MIT
/// \file split_csv.hpp
/// Which image is in which set, for programs that train elsewhere: csv of file, record (from 0, within the file),
/// digest (SHA-256 of the record) and part: target.trained, target.validation, target.strict_test, target.test, and the
/// same of the shadow. D_test is strict_test and test together, D_train trained and validation; images of no part are
/// not listed. Built-in images are records of a file `built-in`.
#pragma once

#include <array>
#include <filesystem>
#include <string>

#include <papillon/data/split.hpp>

#include <study/study_data.hpp>

namespace papillon::audit {

/// The split of a study, part by part, records of a part ascending.
[[nodiscard]] std::string split_csv(study::settings const& s, study::study_data const& d);

/// Reads one of the same images, also another program's: column `digest` may be missing or empty, and `member` (1 or 0)
/// may stand for `part`, of the target. An image that comes twice, is not there or has another digest is
/// errc::bad_input, as is a part without a name of ours.
[[nodiscard]] std::array<data::split::role, 2> read_split_csv(
    std::filesystem::path const& path, study::settings const& s, data::collection const& c);

}  // namespace papillon::audit
