// SPDX-License-Identifier: MIT
// budget: of that, the headers of Eigen, xtensor, nlohmann-json and OpenSSL
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <Eigen/Core>
#include <nlohmann/json.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xsemantic.hpp>
#include <xtensor/xtensor.hpp>
