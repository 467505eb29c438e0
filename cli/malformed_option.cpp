// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/malformed_option.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generator/malformed/random.hpp"

namespace secct::cli {
namespace {

constexpr std::string_view random_name = "random";

// Seed and number of "random:SEED:NUMBER".
std::pair<std::uint64_t, std::uint64_t> random_packet(const std::string& text) {
  const auto rest = text.substr(random_name.size() + 1);
  const auto colon = rest.find(':');
  const auto seed = to_number(rest.substr(0, colon));
  const auto number = colon == std::string::npos ? std::nullopt : to_number(rest.substr(colon + 1));
  if (!seed || !number) {
    throw UsageError(fmt::format("--malformed: expected random:SEED:NUMBER, found '{}'", text));
  }
  return {*seed, *number};
}

}  // namespace

void MalformedOption::add_to(CLI::App& app) {
  app.add_option("--malformed", selection_,
                 "insert a malformed packet before its valid twin: a name of 'secct list "
                 "malformed', all (one handover each), random, or random:SEED:NUMBER (one of the "
                 "random packets again)")
      ->type_name("NAME");
  app.add_option("--count", count_,
                 "with --malformed random: generate N malformed packets, one handover each")
      ->type_name("N")
      ->capture_default_str();
}

Injector MalformedOption::injector(const RouterDescription& description,
                                   const std::set<std::string>& messages, std::uint64_t seed,
                                   std::uint32_t& handovers) const {
  if (selection_ == "all") {
    auto entries = malformed_of(messages);
    handovers = static_cast<std::uint32_t>(entries.size());
    return {description, pick_each(std::move(entries)), Injector::Unfit::skip};
  }
  if (selection_ == random_name) {
    handovers = count_;
    return {description, pick_random(description, messages, seed, 0), Injector::Unfit::skip};
  }
  if (selection_.starts_with(std::string(random_name) + ":")) {
    const auto [own_seed, number] = random_packet(selection_);
    handovers = 1;
    return {description, pick_random(description, messages, own_seed, number),
            Injector::Unfit::refuse};
  }
  const auto& entry = find_malformed(selection_);
  if (!fits(entry, messages)) {
    throw UsageError(fmt::format("--malformed {}: the scenario has no {} message; it has {}",
                                 selection_, entry.message, fmt::join(messages, ", ")));
  }
  return {description, pick_one(entry), Injector::Unfit::refuse};
}

}  // namespace secct::cli
