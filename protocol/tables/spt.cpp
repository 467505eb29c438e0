// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/tables/spt.hpp"

#include <algorithm>

namespace secct {
namespace {

constexpr Spt assigned(std::uint16_t number, SptProtocol protocol, bool tunnel,
                       std::uint8_t algorithm, bool v4) {
  return {number, protocol, tunnel, algorithm, v4, v4, false, false, false, false, false};
}

constexpr auto ah = SptProtocol::ah;
constexpr auto esp = SptProtocol::esp;

// The SPTs of [RELOC] 3: number, protocol, tunnel, algorithm, IPv4.
constexpr Spt assigned_rows[] = {
    assigned(1, ah, false, 1, true),   assigned(2, ah, false, 2, true),
    assigned(3, ah, true, 1, false),   assigned(4, ah, true, 2, false),
    assigned(5, esp, false, 1, false), assigned(6, esp, true, 1, false),
    assigned(7, esp, false, 2, false), assigned(8, esp, true, 2, false),
    assigned(9, esp, false, 3, false), assigned(10, esp, true, 3, false),
};

// The flag bits of a structured SPT, wire-format 7.1.
struct Bit {
  unsigned shift;
  bool Spt::*member;
};
constexpr Bit bits[] = {
    {12, &Spt::tunnel},        {7, &Spt::source_v4},           {6, &Spt::destination_v4},
    {5, &Spt::source_private}, {4, &Spt::destination_private}, {3, &Spt::megabytes},
    {2, &Spt::static_profile}, {1, &Spt::additional}};

Values algorithm_table(SptProtocol protocol) {
  switch (protocol) {
    case SptProtocol::ah: return Values::auth_algorithm;
    case SptProtocol::esp: return Values::cipher;
    case SptProtocol::ipcomp: return Values::compression;
  }
  return Values::none;
}

std::string family(bool v4, bool is_private) {
  return std::string(v4 ? "-V4" : "-V6") + (is_private ? "P" : "");
}

// Removes `word` from the front of `text` if it is a complete part of the name.
bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  const auto rest = text.substr(word.size());
  if (!rest.empty() && (rest.front() != '-' || rest.size() == 1)) return false;
  text = rest.empty() ? rest : rest.substr(1);
  return true;
}

template <class Number>
bool take_value(std::string_view& text, Values table, Number& number) {
  for (const auto& value : values(table)) {
    if (take(text, value.key)) {
      number = static_cast<Number>(value.number);
      return true;
    }
  }
  return false;
}

bool take_family(std::string_view& text, bool& v4, bool& is_private) {
  for (bool four : {false, true}) {
    for (bool priv : {false, true}) {
      if (take(text, std::string_view(family(four, priv)).substr(1))) {
        v4 = four;
        is_private = priv;
        return true;
      }
    }
  }
  return false;
}

}  // namespace

Values Spt::algorithms() const { return algorithm_table(protocol); }

std::uint8_t Spt::iv_length() const {
  switch (cipher()) {
    case Cipher::des_cbc:
    case Cipher::des3_cbc: return 8;
    case Cipher::aes_cbc: return 16;
    default: return 0;
  }
}

std::uint8_t Spt::key_length() const {
  switch (auth()) {
    case AuthAlgorithm::hmac_md5: return 16;
    case AuthAlgorithm::hmac_sha1: return 20;
    case AuthAlgorithm::none: break;
  }
  switch (cipher()) {
    case Cipher::des_cbc: return 8;
    case Cipher::des3_cbc: return 24;
    case Cipher::aes_cbc: return 16;
    default: return 0;
  }
}

bool Spt::key_length_fits(std::uint8_t octets) const {
  return octets == key_length() || (cipher() == Cipher::aes_cbc && (octets == 24 || octets == 32));
}

std::span<const Spt> assigned_spts() { return assigned_rows; }

std::optional<Spt> find_spt(std::uint16_t number) {
  if ((number & 0x8000) == 0) {
    const auto* found = std::ranges::find(assigned_rows, number, &Spt::number);
    if (found == std::end(assigned_rows)) return std::nullopt;
    return *found;
  }
  Spt spt;
  spt.number = number;
  const unsigned protocol = number >> 13 & 3;
  if (protocol > 2) return std::nullopt;
  spt.protocol = static_cast<SptProtocol>(protocol);
  spt.algorithm = number >> 8 & 15;
  if (find_value(spt.algorithms(), spt.algorithm) == nullptr) return std::nullopt;
  for (const auto& bit : bits) spt.*bit.member = (number >> bit.shift & 1) != 0;
  return spt;
}

std::uint16_t structured_spt_number(const Spt& properties) {
  unsigned number = 0x8000U | static_cast<unsigned>(properties.protocol) << 13 |
                    static_cast<unsigned>(properties.algorithm) << 8;
  for (const auto& bit : bits) number |= static_cast<unsigned>(properties.*bit.member) << bit.shift;
  return static_cast<std::uint16_t>(number);
}

std::uint16_t spt_number(const Spt& properties) {
  for (auto candidate : assigned_rows) {
    auto wanted = properties;
    wanted.number = candidate.number;
    if (wanted == candidate) return candidate.number;
  }
  return structured_spt_number(properties);
}

std::string spt_name(std::uint16_t number) {
  const auto spt = find_spt(number);
  if (!spt) return "Unknown";
  std::string name = find_value(Values::spt_protocol, static_cast<unsigned>(spt->protocol))->key;
  name += '-';
  name += find_value(Values::spt_mode, spt->tunnel)->key;
  name += '-';
  name += find_value(spt->algorithms(), spt->algorithm)->key;
  name += family(spt->source_v4, spt->source_private);
  if (!spt->structured()) return name;  // [RELOC] 3 names a single family
  name += family(spt->destination_v4, spt->destination_private);
  if (spt->megabytes) name += "-MB";
  if (spt->static_profile) name += "-SP";
  if (spt->additional) name += "-ASD";
  return name;
}

std::optional<std::uint16_t> parse_spt(std::string_view name) {
  for (const auto& candidate : assigned_rows) {
    if (name == spt_name(candidate.number)) return candidate.number;
  }
  Spt spt;
  if (!take_value(name, Values::spt_protocol, spt.protocol) ||
      !take_value(name, Values::spt_mode, spt.tunnel) ||
      !take_value(name, spt.algorithms(), spt.algorithm) ||
      !take_family(name, spt.source_v4, spt.source_private) ||
      !take_family(name, spt.destination_v4, spt.destination_private)) {
    return std::nullopt;
  }
  spt.megabytes = take(name, "MB");
  spt.static_profile = take(name, "SP");
  spt.additional = take(name, "ASD");
  if (!name.empty()) return std::nullopt;
  return structured_spt_number(spt);
}

}  // namespace secct
