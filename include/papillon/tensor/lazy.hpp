// SPDX-License-Identifier: MIT
/// \file lazy.hpp
/// `lazy<T>`: a constant made when it is first asked for, by whichever thread asks first; copies share it.
#pragma once

#include <atomic>
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
    // Asking for what is there already costs one look.
    if (T const* const made = state_->made.load(std::memory_order_acquire)) return *made;
    std::call_once(
        state_->once, [&] { state_->made.store(&state_->value.emplace(make()), std::memory_order_release); });
    return *state_->value;
  }
  /// The same, kept for as long as somebody holds it.
  template <class Make> [[nodiscard]] std::shared_ptr<T const> share(Make const& make) const {
    return {state_, &get(make)};
  }

 private:
  struct state {
    std::once_flag once;
    std::optional<T> value;
    std::atomic<T const*> made = nullptr;
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
};

}  // namespace papillon
