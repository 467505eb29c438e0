// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/protocol/vector_file.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "protocol/tables/fields.hpp"

namespace secct::test {
namespace {

bool is_octet(std::string_view word) {
  return word.size() == 2 && std::isxdigit(static_cast<unsigned char>(word[0])) != 0 &&
         std::isxdigit(static_cast<unsigned char>(word[1])) != 0;
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : name_(file.filename().string()), in_(file) {
    if (!in_) throw std::runtime_error(file.string() + ": cannot be read");
  }

  std::vector<Vector> read() {
    std::string line;
    while (std::getline(in_, line)) {
      ++line_;
      if (const auto comment = line.find("  ; "); comment != std::string::npos) {
        line.resize(comment);
      }
      if (line.empty() || line.front() == '#') continue;
      if (line.starts_with("=== ")) {
        finish();
        vectors_.emplace_back();
        vectors_.back().title = line.substr(4);
        vectors_.back().place = name_ + ':' + std::to_string(line_);
      } else {
        check(!vectors_.empty(), "no title yet");
        one(line);
      }
    }
    finish();
    return std::move(vectors_);
  }

 private:
  void check(bool good, const std::string& what) const {
    if (!good) throw std::runtime_error(name_ + ':' + std::to_string(line_) + ": " + what);
  }

  std::uint64_t number(std::string_view text) const {
    const bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    std::uint64_t value = 0;
    const auto result =
        std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    check(!text.empty() && result.ec == std::errc{} && result.ptr == text.data() + text.size(),
          "not a number: " + std::string(text));
    return value;
  }

  Vector& vector() { return vectors_.back(); }

  void one(const std::string& line) {
    const auto first = line.find_first_not_of(' ');
    if (line[0] == '!') return problem(line);
    if (line[first] == '^' || line[first] == '+') return part(line.substr(first));
    if (std::isdigit(static_cast<unsigned char>(line[0])) != 0) return octets(line);
    const auto colon = line.find(": ");
    check(colon != std::string::npos, "neither octets nor a setting");
    setting(line.substr(0, colon), line.substr(colon + 2));
  }

  void setting(const std::string& key, const std::string& value) {
    auto& envelope = vector().envelope;
    const auto address = [&] {
      Address parsed{};
      check(parse_v6(value, parsed), "not an IPv6 address: " + value);
      return parsed;
    };
    if (key == "carrier") {
      constexpr std::pair<const char*, Carrier> carriers[] = {
          {"icmpv6", Carrier::icmpv6},
          {"dstopt", Carrier::dstopt},
          {"mip4-request", Carrier::mip4_request},
          {"mip4-reply", Carrier::mip4_reply}};
      const auto* found = std::ranges::find(carriers, value, [](auto& c) { return c.first; });
      check(found != std::end(carriers), "unknown carrier " + value);
      vector().carrier = found->second;
    } else if (key == "source") {
      envelope.source = address();
    } else if (key == "destination") {
      envelope.destination = address();
    } else if (key == "hop_limit") {
      envelope.hop_limit = static_cast<std::uint8_t>(number(value));
    } else if (key == "protection") {
      envelope.protection = value == "none" ? Protection::none
                            : value == "ah" ? Protection::ah
                                            : Protection::esp;
    } else if (key == "row") {
      vector().row = static_cast<unsigned>(number(value));
    } else {
      check(false, "unknown setting " + key);
    }
  }

  // Closes the groups that end here and returns the list of the next entry.
  std::vector<Entry>& open_list() {
    const auto at = vector().octets.size();
    while (!open_.empty() && group_end_.back() <= at) close();
    return open_.empty() ? vector().entries : open_.back().children;
  }

  void close() {
    check(group_end_.back() == vector().octets.size(),
          open_.back().name + " ends at " + std::to_string(vector().octets.size()) + ", not at " +
              std::to_string(group_end_.back()));
    auto done = std::move(open_.back());
    open_.pop_back();
    group_end_.pop_back();
    (open_.empty() ? vector().entries : open_.back().children).push_back(std::move(done));
  }

  void finish() {
    while (!open_.empty()) close();
  }

  static void split_value(Entry& entry, const std::string& text) {
    const auto equals = text.find(" = ");
    entry.name = text.substr(0, equals);
    if (equals != std::string::npos) entry.value = text.substr(equals + 3);
  }

  void octets(const std::string& line) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    check(number(word) == vector().octets.size(),
          "the offset is " + std::to_string(vector().octets.size()));
    auto& list = open_list();
    Entry entry;
    entry.offset = static_cast<std::uint32_t>(vector().octets.size());
    auto rest_at = words.tellg();
    while (words >> word && is_octet(word)) {
      Octets octet;
      parse_hex(word, octet);
      vector().octets.push_back(octet[0]);
      rest_at = words.tellg();
    }
    entry.length = static_cast<std::uint32_t>(vector().octets.size()) - entry.offset;
    const auto begin = rest_at == -1
                           ? std::string::npos
                           : line.find_first_not_of(' ', static_cast<std::size_t>(rest_at));
    const auto rest = begin == std::string::npos ? std::string() : line.substr(begin);
    if (entry.length == 0) return group(std::move(entry), rest);
    if (rest.empty()) {
      check(!list.empty(), "octets without a field");
      list.back().length += entry.length;
      return;
    }
    if (rest == "-") return;
    split_value(entry, rest);
    list.push_back(std::move(entry));
  }

  void group(Entry entry, const std::string& text) {
    const auto space = text.find(' ');
    check(space != std::string::npos, "a group without length");
    entry.kind = Entry::Kind::group;
    entry.name = text.substr(0, space);
    entry.length = static_cast<std::uint32_t>(number(text.substr(space + 1)));
    group_end_.push_back(entry.offset + entry.length);
    open_.push_back(std::move(entry));
  }

  void part(const std::string& text) {
    // Parts follow the octets that contain them, which may end a group.
    auto& list = open_.empty() ? vector().entries : open_.back().children;
    Entry entry;
    entry.kind = text[0] == '^' ? Entry::Kind::part : Entry::Kind::implied;
    auto rest = text.substr(2);
    if (const auto place = rest.find(" @"); place != std::string::npos) {
      const auto plus = rest.find('+', place);
      entry.offset = static_cast<std::uint32_t>(number(rest.substr(place + 2, plus - place - 2)));
      entry.length = static_cast<std::uint32_t>(number(rest.substr(plus + 1)));
      rest.resize(place);
    } else if (entry.kind == Entry::Kind::part) {
      const auto holder = std::find_if(list.rbegin(), list.rend(),
                                       [](const Entry& e) { return e.kind == Entry::Kind::field; });
      check(holder != list.rend(), "a part of nothing");
      entry.offset = holder->offset;
      entry.length = holder->length;
    }
    split_value(entry, rest);
    list.push_back(std::move(entry));
  }

  void problem(const std::string& line) {
    std::istringstream words(line);
    std::string mark;
    std::string place;
    std::string expected;
    std::string actual;
    std::string label;
    ListedProblem listed;
    words >> mark >> listed.rule >> listed.field >> place >> label >> expected >> label >> actual;
    const auto plus = place.find('+');
    check(!actual.empty() && plus != std::string::npos, "not a problem: " + line);
    listed.offset = static_cast<std::uint32_t>(number(place.substr(1, plus - 1)));
    listed.length = static_cast<std::uint32_t>(number(place.substr(plus + 1)));
    if (expected != "-") listed.expected = number(expected);
    if (actual != "-") listed.actual = number(actual);
    vector().problems.push_back(std::move(listed));
  }

  std::string name_;
  std::ifstream in_;
  int line_ = 0;
  std::vector<Vector> vectors_;
  std::vector<Entry> open_;
  std::vector<std::size_t> group_end_;
};

}  // namespace

bool Vector::malformed() const {
  return std::ranges::any_of(problems, [](const auto& problem) {
    const auto rows = rules();
    const auto found = std::ranges::find(rows, problem.rule, [](auto& r) { return r.name; });
    return found != rows.end() && found->severity == Severity::error;
  });
}

std::filesystem::path source_dir() {
#ifdef SECCT_SOURCE_DIR
  return SECCT_SOURCE_DIR;
#else
  return std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
#endif
}

std::vector<Vector> read_vectors(const std::filesystem::path& file) { return Reader(file).read(); }

std::vector<std::string> vector_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() / "tests/vectors")) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

const std::vector<Vector>& all_vectors() {
  static const auto vectors = [] {
    std::vector<Vector> all;
    for (const auto& name : vector_files()) {
      std::ranges::move(read_vectors(source_dir() / "tests/vectors" / (name + ".txt")),
                        std::back_inserter(all));
    }
    return all;
  }();
  return vectors;
}

const Vector& find_vector(std::string_view title) {
  const auto found = std::ranges::find(all_vectors(), title, &Vector::title);
  if (found == all_vectors().end()) throw std::runtime_error("no vector " + std::string(title));
  return *found;
}

}  // namespace secct::test
