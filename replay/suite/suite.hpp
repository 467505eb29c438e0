// SPDX-License-Identifier: GPL-2.0-or-later
// Conformance cases as data: the contents of replay/suites/*.yaml (docs/cases.md), and the
// functions that read them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "generator/description/router_description.hpp"
#include "generator/document/edit_list.hpp"
#include "generator/malformed/catalogue.hpp"
#include "replay/namespace.hpp"
#include "replay/suite/sa_demand.hpp"

namespace secct::replay {

// The values that a step expects in a field. A value may be a variable ("$naddr").
struct FieldCheck {
  std::string name;
  std::vector<std::string> values;  // of all fields with this name, in order; or the allowed values
};

// The SAs of the mobile node that a message contains.
struct ContextChoice {
  bool all = false;                  // all transferable SAs
  std::vector<std::size_t> numbers;  // otherwise these transferable SAs, from 1, in this order
};

// Traffic from the mobile node to the router.
struct TrafficStep {
  enum class Kind : std::uint8_t { echo, udp };
  enum class Under : std::uint8_t { clear, transferred, chosen };
  Kind kind = Kind::echo;
  Under under = Under::clear;
  std::vector<std::size_t> sas;        // chosen: numbers of transferred SAs, outermost first
  std::optional<std::int64_t> offset;  // sequence number minus the transferred one; default: next
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  bool answered = true;
};

struct CaseStep {
  // repeat: expect the same message again. trigger: make the router start a handover.
  enum class Kind : std::uint8_t { send, expect, repeat, nothing, wait, traffic, trigger };
  Kind kind = Kind::send;
  std::string message;                    // send, expect, repeat
  std::vector<Edit> edits;                // send
  const Malformed* malformed = nullptr;   // send: the valid twin of this entry of the catalogue,
  bool faulty = false;                    // or the malformed packet
  bool repeats_last = false;              // send: the octets of the last packet sent
  bool continues = false;                 // send: with the Identifier of the message before
  std::size_t mtu = 0;                    // send: fragments of at most this many octets; 0 = whole
  std::optional<ContextChoice> contexts;  // send, expect
  std::vector<FieldCheck> fields;         // expect
  std::vector<FieldCheck> one_of;         // expect
  std::vector<std::string> absent;        // expect: fields that must be absent
  std::vector<std::string> predicates;    // expect: names of predicates.def
  std::string under;                      // expect: ah, esp, none, transferred; empty = as in
                                          // wire-format.md 8. send: ah, esp; empty = the default
  bool optional = false;                  // expect: the message may be missing
  bool alternative = false;               // expect: instead of the message of the step before
  double seconds = 0;                     // expect, nothing, wait
  bool scaled = true;                     // wait: `seconds` is multiplied by timing_scale
  bool ignores_packets = false;           // wait: any packet is permitted
  double after = 0;                       // repeat: minimum delay in seconds
  TrafficStep traffic;
  std::string clause;  // the clause that the step tests; empty = the first one of the case
};

// The change by which a case differs from its control.
struct Mutation {
  std::size_t step = 0;  // index of the send step that is changed
  std::vector<Edit> edits;
  std::vector<CaseStep> then;  // replaces the steps after the changed one
};

// What a case requires of the router, besides its role. The embedded router is configured
// accordingly; a case is UNSUPPORTED if the description of another router does not meet its needs.
struct Needs {
  std::vector<std::string> capabilities;
  PolicyChoice policies;
  // The SAs of the case's mobile node. In role pr the router must have a mobile node whose SAs meet
  // these demands; for the other roles the tester makes the SAs.
  SaDemands sas;
  // These follow from the steps.
  bool spi_in_use = false;           // the description must list an SPI in use
  bool ncoa_in_use = false;          // the description must list an nCoA in use
  bool esp_between_routers = false;  // the description must have ESP SAs between the routers
};

struct Case {
  std::string id;
  std::string title;
  std::string section;
  std::string file;
  int line = 0;
  Role role = Role::nr;  // of the router under test
  std::vector<std::string> clauses;
  std::vector<std::string> tags;
  bool quiet = false;  // no other case runs at the same time
  Needs needs;
  std::vector<CaseStep> steps;
  std::optional<Mutation> mutation;  // then `steps` alone are the control
};

// The steps of the control, or, if `mutated`, of the case itself: the steps up to the changed one,
// then Mutation::then. A case without mutation has the same steps in both.
std::vector<CaseStep> steps_of(const Case& c, bool mutated);
// The steps of the control from `from` on, for a second run after the mutated packet, which shows
// that the packet did not change the state of the router (ROBUST-9). Their SHREQs and SHINs have
// another Replay value: a router may remember the Replay of a refused SHREQ, which violates only a
// SHOULD, and a SHIN with the same token is a repetition.
std::vector<CaseStep> unchanged_state_steps(const std::vector<CaseStep>& control, std::size_t from);
// A step for users, one line for each property: "send shreq", "with secct.req.spt = 3".
std::vector<std::string> step_lines(const CaseStep& step);

// Lists of steps that cases use by name.
using Sequences = std::map<std::string, std::vector<CaseStep>>;

// Reads one suite file, whose name in error messages is `file`. Its cases may use `sequences`
// besides those of the file. Throws UsageError with file, line and the nearest valid name.
std::vector<Case> read_suite(const std::string& text, const std::string& file,
                             const Sequences& sequences = {});

// The cases that are compiled into the program, in the order of the files, then those of the
// malformed catalogue.
const std::vector<Case>& built_in_cases();
// The sequences of replay/suites/sequences.yaml.
const Sequences& built_in_sequences();
// The demands of a case that has no `sas` (replay/suites/sequences.yaml, `default-sas`).
const SaDemands& default_sas(Role role);
// Completes `c.needs` with what follows from the steps of the case.
void add_needs_of_steps(Case& c);
// The cases of all *.yaml files of a folder. Throws UsageError.
std::vector<Case> load_suites(const std::string& folder);

// A case for each entry of the malformed catalogue that a router receives (generator/malformed).
std::vector<Case> malformed_cases();

// The valid names of fields and of clauses in suite files.
std::vector<std::string_view> field_names();
std::vector<std::string_view> clause_ids();

}  // namespace secct::replay
