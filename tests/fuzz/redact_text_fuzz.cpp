// SPDX-License-Identifier: GPL-2.0-or-later
// Redacts a text. The first octet is the length of a secret, which follows; the rest is the text.
#include <cctype>

#include "generator/capture/redact_text.hpp"
#include "tests/fuzz/input.hpp"

using namespace secct;
using namespace secct::generator;
using test::require;

namespace {

std::string lower(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

bool contains(const std::string& text, View octets) {
  return text.find(std::string(octets.begin(), octets.end())) != std::string::npos ||
         lower(text).find(to_hex(octets)) != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t longest = 4096;
  if (size == 0 || size > longest) return 0;
  test::FuzzInput input(data, size);
  const auto secret = input.copy(input.octet() % 64U);
  auto text = input.copy(longest);
  // The secret in every input: as it is, and in hexadecimal.
  if (secret.size() >= shortest_in_packets) {
    const auto hex = to_hex(secret);
    text.insert(text.begin() + static_cast<std::ptrdiff_t>(text.size() / 2), secret.begin(),
                secret.end());
    text.insert(text.end(), hex.begin(), hex.end());
  }
  SecretMap secrets;
  secrets.add(secret, SecretMap::Source::description);
  const std::string before(text.begin(), text.end());
  const auto after = redact_text(before, secrets);
  require(after.size() == before.size(), "length", View(data, size));
  // Zeros are no secret, and asterisks are what replaces one that is written as it is.
  const bool is_zero = std::ranges::all_of(secret, [](auto octet) { return octet == 0; });
  const bool has_asterisk = std::ranges::find(secret, '*') != secret.end();
  if (secret.size() >= shortest_in_packets && !is_zero && !has_asterisk) {
    require(!contains(after, secret), "the secret remains", View(data, size));
  }
  return 0;
}
