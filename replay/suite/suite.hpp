// SPDX-License-Identifier: GPL-2.0-or-later
// Conformance cases as data: what replay/suites/*.yaml holds (docs/cases.md).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "generator/description/router_description.hpp"
#include "generator/document/edit_list.hpp"
#include "generator/malformed/catalogue.hpp"
#include "replay/namespace.hpp"

namespace secct::replay {

// What a field of an expected message must hold. Values may be words like $naddr (words.hpp).
struct FieldCheck {
  std::string name;
  std::vector<std::string> values;  // every field of this name, in order; or the ones allowed
};

// Which SAs of the mobile node a message holds: those with these numbers, in this order, or all
// that may be transferred.
struct ContextChoice {
  bool all = false;
  std::vector<std::size_t> numbers;  // from 1, among those that may be transferred
};

// The mobile node's traffic towards the router.
struct TrafficStep {
  enum class Kind : std::uint8_t { echo, udp };
  enum class Under : std::uint8_t { clear, transferred, chosen };
  Kind kind = Kind::echo;
  Under under = Under::clear;
  std::vector<std::size_t> sas;        // chosen: numbers of SAs, outermost first
  std::optional<std::int64_t> offset;  // sequence number: that of the context plus this; else next
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  bool answered = true;
};

struct CaseStep {
  // repeat: the very message that came before, once more. trigger: the router is told to hand over.
  enum class Kind : std::uint8_t { send, expect, repeat, nothing, wait, traffic, trigger };
  Kind kind = Kind::send;
  std::string message;                    // send, expect, repeat
  std::vector<Edit> edits;                // send
  const Malformed* malformed = nullptr;   // send: the twin of this entry of the catalogue,
  bool faulty = false;                    // or with its fault
  bool same_again = false;                // send: the octets that were sent last
  std::size_t mtu = 0;                    // send: in fragments of at most this; 0 = whole
  std::optional<ContextChoice> contexts;  // send, expect
  std::vector<FieldCheck> fields;         // expect
  std::vector<FieldCheck> one_of;         // expect
  std::vector<std::string> absent;        // expect: fields that must not be there
  std::vector<std::string> checks;        // expect: names of checks.hpp
  std::string under;                      // expect: ah, esp, none, transferred; empty = section 8
                                          // send: ah, esp; empty = as in the handover
  bool optional = false;                  // expect: a MAY
  double seconds = 0;                     // expect, nothing, wait: times timing_scale,
  bool scaled = true;                     // but for a wait that is not
  bool anything = false;                  // wait: whatever comes is passed over
  double after = 0;                       // repeat: no sooner than this
  TrafficStep traffic;
  std::string clause;  // the clause that this step proves; empty = the case's first
};

// A case with a mutation is first run without it: its control.
struct Mutation {
  std::size_t step = 0;  // of the case's steps: the send that is changed
  std::vector<Edit> edits;
  std::vector<CaseStep> then;  // what follows instead of the steps behind it
};

// What a case asks of the router beyond its roles. The embedded router is given it; of a router in
// the lab the description must say it, else the case is UNSUPPORTED.
struct Needs {
  std::vector<std::string> capabilities;
  PolicyChoice policies;
  // The SAs of the case's mobile node. A router in role pr must know one like each of them; for
  // the others the tester chooses.
  std::vector<SaPattern> sas;
  bool spi_in_use = false;  // an SPI that the router already has
};

struct Case {
  std::string id;
  std::string title;
  std::string section;
  std::string file;
  int line = 0;
  Role role = Role::nr;
  std::vector<std::string> clauses;
  std::vector<std::string> tags;
  bool quiet = false;  // alone on the link
  Needs needs;
  std::vector<CaseStep> steps;
  std::optional<Mutation> mutation;
};

// What is run: the steps, or with the mutation those up to the mutated one and what follows it.
std::vector<CaseStep> steps_of(const Case& c, bool mutated);
// The control's steps from `from` on, once more after the mutated packet: they show that the router
// is as it was (ROBUST-9). Their SHREQs have a Replay value of their own: a router may hold that a
// refused one is used up, which breaks a SHOULD only.
std::vector<CaseStep> shown_unharmed(const std::vector<CaseStep>& control, std::size_t from);
// A step in words, one line for each thing that it says: "send shreq", "with secct.req.spt = 3".
std::vector<std::string> step_lines(const CaseStep& step);

// Lists of steps that cases use by name.
using Sequences = std::map<std::string, std::vector<CaseStep>>;

// Reads one suite file; UsageError with file, line and the nearest right name. `sequences` may be
// used by its cases besides those of the file.
std::vector<Case> read_suite(const std::string& text, const std::string& file,
                             const Sequences& sequences = {});

// The cases that come with the program, in the order of the files, then those of the malformed
// catalogue.
const std::vector<Case>& built_in_cases();
// The step lists that come with the program: those of suites/sequences.yaml.
const Sequences& built_in_sequences();
// Those of *.yaml in a folder.
std::vector<Case> load_suites(const std::string& folder);

// A case for each entry of the malformed catalogue that a router receives (generator/malformed).
std::vector<Case> malformed_cases();

// The values that a suite file takes where a name is asked for.
std::vector<std::string_view> field_names();
std::vector<std::string_view> clause_ids();

}  // namespace secct::replay
