// SPDX-License-Identifier: MIT
/// \file full.hpp
/// Everything: the core, and what needs Eigen, xtensor, nlohmann-json and OpenSSL (files, data, training, the study,
/// its report). Include the headers you use instead where compile time matters. Written by scripts/update-umbrellas.
#pragma once

#include <papillon/papillon.hpp>


