// SPDX-License-Identifier: MIT
/// \file json.hpp
/// The one way in which JSON is read, whoever wrote it: no deeper than 32 objects and lists in one another, no more
/// values than a document of this program's could have, no name twice in an object, no number that double cannot hold.
/// Whatever is wrong is papillon::error(errc::bad_input), with the document's name, line and column. Source: RFC 8259.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <papillon/error.hpp>

namespace papillon::inline PAPILLON_ISA::io {

/// What a document may be.
struct json_rules {
  std::size_t depth = 32;          ///< of objects and lists in one another
  std::size_t values = 1'500'000;  ///< of all kinds together
  std::size_t names = 100'000;     ///< in one object
  bool comments = false;           ///< skipped, "//" and "/* */"
};

namespace detail {

/// Characters that are taken one by one, with a place outside that tells how many of them have been.
struct watched_text {
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = char const*;
  using reference = char const&;

  char const* at = nullptr;
  char const** reached = nullptr;

  reference operator*() const { return *at; }
  watched_text& operator++() {
    ++at;
    if (reached != nullptr) *reached = at;
    return *this;
  }
  watched_text operator++(int) {
    watched_text const before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(watched_text const& a, watched_text const& b) { return a.at == b.at; }
};

/// Builds the document from the parser's events.
class json_builder {
 public:
  using json = nlohmann::ordered_json;

  json_builder(std::string_view text, std::string const& name, std::string const& suggestion, json_rules const& rules)
      : text_(text), name_(&name), suggestion_(&suggestion), rules_(rules), reached_(text.data()) {}

  json operator()() {
    watched_text const first{text_.data(), &reached_}, last{text_.data() + text_.size(), nullptr};
    json::sax_parse(first, last, this, json::input_format_t::json, true, rules_.comments);
    return std::move(document_);
  }

  bool null() { return add(nullptr); }
  bool boolean(bool x) { return add(x); }
  bool number_integer(json::number_integer_t x) { return add(x); }
  bool number_unsigned(json::number_unsigned_t x) { return add(x); }
  bool number_float(json::number_float_t x, std::string const&) {
    if (!std::isfinite(x)) fail("a number is out of range");
    return add(x);
  }
  bool string(std::string& x) { return add(std::move(x)); }
  bool binary(json::binary_t&) { fail("bytes are no JSON"); }
  bool start_object(std::size_t) {
    open(json::object());
    names_.emplace_back();
    return true;
  }
  bool key(std::string& name) {
    if (!names_.back().insert(name).second) fail("the name " + name + " occurs twice");
    if (names_.back().size() > rules_.names) fail(message("an object has more than ", rules_.names, " names"));
    key_ = std::move(name);
    return true;
  }
  bool end_object() {
    names_.pop_back();
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) {
    open(json::array());
    return true;
  }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t, std::string const&, json::exception const& e) {
    fail(dynamic_cast<json::out_of_range const*>(&e) != nullptr ? "a number is out of range" : "it is no valid JSON");
  }

 private:
  [[noreturn]] void fail(std::string const& why) const {
    auto const read = text_.substr(0, static_cast<std::size_t>(reached_ - text_.data()));
    auto const lines = 1 + std::count(read.begin(), read.end(), '\n');
    auto const column = read.size() - (read.rfind('\n') + 1);  // npos + 1 is 0
    throw error(errc::bad_input,
        message(*name_, " cannot be used (", why, ", line ", lines, ", column ", column, ") ", *suggestion_));
  }

  bool add(json value) {
    place(std::move(value));
    return true;
  }
  void open(json value) {
    if (open_.size() == rules_.depth) fail(message("it is nested more than ", rules_.depth, " deep"));
    open_.push_back(place(std::move(value)));
  }
  /// Where the value now is: at the end of what is open. What is open does not move until it is closed.
  json* place(json value) {
    if (++values_ > rules_.values) fail(message("it has more than ", rules_.values, " values"));
    if (open_.empty()) return &(document_ = std::move(value));
    if (open_.back()->is_array()) {
      auto& list = open_.back()->get_ref<json::array_t&>();
      return &list.emplace_back(std::move(value));
    }
    // Its own emplace looks through all names for one that is there, which names_ has done.
    auto& object = static_cast<json::object_t::Container&>(open_.back()->get_ref<json::object_t&>());
    return &object.emplace_back(std::move(key_), std::move(value)).second;
  }

  std::string_view text_;
  std::string const *name_, *suggestion_;
  json_rules rules_;
  char const* reached_;
  json document_;
  std::vector<json*> open_;                             ///< objects and lists, outermost first
  std::vector<std::unordered_set<std::string>> names_;  ///< of each object that is open
  std::string key_;
  std::size_t values_ = 0;
};

}  // namespace detail

/// The document in a text. `name`: of the file or whatever it is from; `suggestion`: what to do where it cannot be
/// used.
[[nodiscard]] inline nlohmann::ordered_json parse_json(
    std::string_view text, std::string const& name, std::string const& suggestion, json_rules const& rules = {}) {
  return detail::json_builder(text, name, suggestion, rules)();
}

}  // namespace papillon::io
