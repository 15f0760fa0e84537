// SPDX-License-Identifier: MIT
/// \file version.hpp
/// The version, for the preprocessor and for people. The one place where it stands: the build and the packages read it
/// here. Before 1.0 a minor version may change interfaces.
#pragma once

#define PAPILLON_VERSION_MAJOR 0
#define PAPILLON_VERSION_MINOR 1
#define PAPILLON_VERSION_PATCH 0

/// Grows from version to version: `#if PAPILLON_VERSION_NUMBER >= 100` is "0.1.0 or later".
#define PAPILLON_VERSION_NUMBER (PAPILLON_VERSION_MAJOR * 10000 + PAPILLON_VERSION_MINOR * 100 + PAPILLON_VERSION_PATCH)

#define PAPILLON_VERSION_TEXT_(number) #number
#define PAPILLON_VERSION_JOIN_(major, minor, patch) \
  PAPILLON_VERSION_TEXT_(major) "." PAPILLON_VERSION_TEXT_(minor) "." PAPILLON_VERSION_TEXT_(patch)
/// "0.1.0"
#define PAPILLON_VERSION PAPILLON_VERSION_JOIN_(PAPILLON_VERSION_MAJOR, PAPILLON_VERSION_MINOR, PAPILLON_VERSION_PATCH)
