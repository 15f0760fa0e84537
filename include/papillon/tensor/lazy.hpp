// SPDX-License-Identifier: MIT
/// \file lazy.hpp
/// `lazy<T>`: a constant made when it is first asked for, by whichever thread asks first; copies share it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include <papillon/config.hpp>

namespace papillon::inline PAPILLON_ISA {

template <class T> class lazy {
 public:
  using value_type = T;

  /// make() gives the value; it is called once, and every call of `get` must come with the same one.
  template <class Make> [[nodiscard]] T const& get(Make const& make) const {
    std::call_once(state_->made, [&] { state_->value.emplace(make()); });
    return *state_->value;
  }

 private:
  struct state {
    std::once_flag made;
    std::optional<T> value;
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

}  // namespace papillon
