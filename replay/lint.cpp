// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/lint.hpp"

#include <fmt/format.h>

namespace secct {
namespace {

// Which clause a broken rule of a sent message violates.
const char* clause_of(Rule rule) {
  switch (rule) {
    case Rule::reserved_not_zero: return "RELOC-3-1";
    case Rule::hop_limit: return "ROBUST-10";
    case Rule::sa_length_mismatch: return "RELOC-3-3";
    case Rule::window_padding: return "RELOC-3-6";
    case Rule::key_length: return "RELOC-3-9";
    case Rule::data_order: return "RELOC-3-4";
    case Rule::block_size:
    case Rule::key_rounds: return "RELOC-6-1";
    case Rule::status_unknown:
    case Rule::subopt_misplaced: return "RELOC-5.4-2";
    case Rule::unprotected: return "RELOC-7-1";
    default: return "ROBUST-14";
  }
}

// Rules that tell what happened, not that the sender did wrong.
bool is_report(Rule rule) {
  switch (rule) {
    case Rule::status_failure:
    case Rule::code_refused:
    case Rule::hack_no_shrep_ack:
    case Rule::hi_no_lla:
    case Rule::naddr_invalid:  // a reply copies the Naddr it was asked about
    case Rule::opt_unknown:
    case Rule::subopt_unknown:
    case Rule::data_unknown:
    case Rule::preference_unknown: return true;
    default: return false;
  }
}

}  // namespace

void lint(const Tape& tape, std::vector<Failure>& broken) {
  for (const auto& problem : tape.problems) {
    if (is_report(problem.rule)) continue;
    const auto text = [](std::optional<std::uint64_t> number) {
      return number ? fmt::format("{0} (0x{0:x})", *number) : std::string();
    };
    broken.push_back({clause_of(problem.rule), row(problem.field).name, text(problem.expected),
                      text(problem.actual), row(problem.rule).text});
  }
}

}  // namespace secct
