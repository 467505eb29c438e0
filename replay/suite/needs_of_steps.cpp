// SPDX-License-Identifier: GPL-2.0-or-later
// What a case needs because of its steps: SAs between the routers, values of the description, and
// the SA that protects a P-SHIN.
#include <algorithm>

#include "generator/handover/handover.hpp"
#include "replay/suite/suite.hpp"

namespace secct::replay {
namespace {

bool inserts_esp(const std::vector<Edit>& edits) {
  return std::ranges::any_of(edits, [](const Edit& edit) {
    return edit.kind == Edit::Kind::insert_layer && edit.value.find("esp") != std::string::npos;
  });
}

void add(const std::vector<Edit>& edits, Needs& needs) {
  needs.spi_in_use = needs.spi_in_use || uses_variable(edits, "$spi-in-use");
  needs.ncoa_in_use = needs.ncoa_in_use || uses_variable(edits, "$ncoa-in-use");
  needs.esp_between_routers = needs.esp_between_routers || inserts_esp(edits);
}

void add(const std::vector<CaseStep>& steps, Needs& needs) {
  for (const auto& step : steps) {
    add(step.edits, needs);
    if (step.malformed != nullptr) {
      add(step.malformed->twin, needs);
      if (step.malformed->edit) add({*step.malformed->edit}, needs);
    }
    if (step.under == "esp") needs.esp_between_routers = true;
  }
}

bool sends_pshin(const std::vector<CaseStep>& steps) {
  return std::ranges::any_of(steps, [](const CaseStep& step) {
    return step.kind == CaseStep::Kind::send && step.message == message_info(Message::pshin).name;
  });
}

}  // namespace

void add_needs_of_steps(Case& c) {
  add(c.steps, c.needs);
  if (c.mutation) {
    add(c.mutation->edits, c.needs);
    add(c.mutation->then, c.needs);
  }
  if (c.role == Role::pr && sends_pshin(c.steps)) c.needs.sas.list.push_back(pshin_demand());
}

}  // namespace secct::replay
