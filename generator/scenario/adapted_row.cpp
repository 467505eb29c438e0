// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/adapted_row.hpp"

#include <algorithm>
#include <deque>

#include <fmt/format.h>

namespace secct::generator {
namespace {

constexpr std::uint32_t part_interval = 1;  // milliseconds between the parts of a transfer

class Adaptation {
 public:
  Adaptation(ScenarioRow row, const RouterDescription& description)
      : row_(std::move(row)),
        description_(description),
        node_(description.mobile_node(1, Role::nr)),
        handover_(description, Role::nr, node_, 0, counters_, counters_) {
    for (std::size_t i = 0; i < node_.sas.size(); ++i) {
      if (node_.sas[i].type >= 3) transferable_.push_back(i);
    }
  }

  ScenarioRow run() {
    resolve_conflict();
    check_needs();
    std::erase_if(row_.steps, [&](const ScenarioStep& step) { return is_left_out(step); });
    distribute_contexts();
    return std::move(row_);
  }

 private:
  [[noreturn]] void refuse(std::string_view needs) const {
    throw UsageError(
        fmt::format("scenario {} needs {}, which the mobile nodes of the router "
                    "description do not have",
                    row_.name, needs));
  }

  bool has_step(Message message) const {
    return std::ranges::any_of(row_.steps, [&](const ScenarioStep& step) {
      return step.message != Handover::shrep_status_name &&
             Handover::message_of(step.message) == message;
    });
  }

  void check_needs() const {
    const bool transfers = has_step(Message::shrep) || has_step(Message::hi);
    if (transfers && transferable_.empty()) refuse("an SA of type 3, 4 or 5");
    if (has_step(Message::pshin) && !pshin_sa(node_.sas)) {
      refuse("an AH SA of type 5 from the MN for the P-SHIN");
    }
  }

  // The first transferable SA towards the routers.
  void resolve_conflict() {
    if (!row_.conflict) return;
    if (*row_.conflict == conflict_sa) {
      const auto found = std::ranges::find_if(transferable_, [&](std::size_t i) {
        const auto& sa = node_.sas[i];
        return sa.type == 5 && sa.direction == Direction::from_mn && to_sa(sa.context);
      });
      if (found == transferable_.end()) refuse("an AH or ESP SA of type 5 from the MN");
      row_.conflict = *found;
    }
    const auto resolve = [&](std::size_t& index) {
      if (index == conflict_sa) index = *row_.conflict;
    };
    for (auto& change : row_.changes) resolve(change.sa);
    for (auto& step : row_.steps) std::ranges::for_each(step.traffic.under, resolve);
  }

  bool is_left_out(const ScenarioStep& step) const {
    return std::ranges::any_of(step.traffic.under, [&](std::size_t index) {
      if (index >= node_.sas.size()) return true;
      const auto& context = node_.sas[index].context;
      // The new router installs the SA only if it computes another SPI.
      const bool refused = step.traffic.after && index == row_.conflict &&
                           description_.policies.spi_conflict != SpiConflict::recompute;
      // The other messages need sequence numbers too.
      const bool exhausted = context.sequence > UINT32_MAX - row_.steps.size();
      return refused || exhausted || !to_sa(context);
    });
  }

  // The indices of the SAs that a HI or SHREP holds.
  std::vector<std::size_t> contexts_of(const ScenarioStep& step) const {
    if (step.half == 0) return step.contexts.empty() ? transferable_ : step.contexts;
    if (transferable_.size() < 2) refuse("two SAs of types 3, 4 or 5");
    const auto middle =
        transferable_.begin() + static_cast<std::ptrdiff_t>(transferable_.size() / 2);
    if (step.half == 1) return {transferable_.begin(), middle};
    return {middle, transferable_.end()};
  }

  std::vector<std::vector<std::size_t>> parts_of(const ScenarioStep& step, Message message) const {
    const auto indices = contexts_of(step);
    std::vector<Context> contexts;
    for (const auto index : indices) {
      if (index >= node_.sas.size()) refuse(fmt::format("an SA {}", index + 1));
      contexts.push_back(node_.sas[index].context);
    }
    std::vector<std::vector<std::size_t>> parts;
    auto from = indices.begin();
    for (const auto& part : handover_.parts(message, contexts)) {
      const auto to = from + static_cast<std::ptrdiff_t>(part.size());
      parts.emplace_back(from, to);
      from = to;
    }
    return parts;
  }

  // Replaces each HI or SHREP by its parts. The answers that follow are sent once for each part:
  // a HAck, or a SHREP-Ack and a SHAK.
  void distribute_contexts() {
    std::vector<ScenarioStep> steps;
    std::deque<std::size_t> unanswered;  // the number of parts of each message
    std::vector<ScenarioStep> answers;   // to one message
    const auto flush = [&] {
      if (answers.empty()) return;
      const auto count = unanswered.empty() ? 1 : unanswered.front();
      if (!unanswered.empty()) unanswered.pop_front();
      for (std::size_t i = 0; i < count; ++i) {
        for (auto answer : answers) {
          name_part(answer, i, count);
          steps.push_back(std::move(answer));
        }
      }
      answers.clear();
    };
    for (auto& step : row_.steps) {
      const auto message = Handover::message_of(step.message);
      const bool transfers = step.message != Handover::shrep_status_name &&
                             (message == Message::shrep || message == Message::hi);
      const bool is_last =
          message == Message::hack || message == Message::shak || message == Message::mip4_reply;
      if (transfers) {
        flush();
        const auto parts = parts_of(step, *message);
        for (std::size_t i = 0; i < parts.size(); ++i) {
          auto part = step;
          part.contexts = parts[i];
          name_part(part, i, parts.size());
          steps.push_back(std::move(part));
        }
        unanswered.push_back(parts.size());
      } else if (is_last || message == Message::shrep_ack) {
        answers.push_back(step);
        if (is_last) flush();
      } else {
        flush();
        unanswered.clear();
        steps.push_back(step);
      }
    }
    flush();
    row_.steps = std::move(steps);
  }

  static void name_part(ScenarioStep& step, std::size_t index, std::size_t count) {
    if (count < 2) return;
    step.what += fmt::format(" (message {} of {})", index + 1, count);
    if (index > 0) {
      step.milliseconds = part_interval;
      step.exact = false;
    }
  }

  ScenarioRow row_;
  const RouterDescription& description_;
  MobileNode node_;
  Counters counters_;
  Handover handover_;  // for Handover::parts()
  std::vector<std::size_t> transferable_;
};

}  // namespace

ScenarioRow adapted_row(ScenarioRow row, const RouterDescription& description) {
  return Adaptation(std::move(row), description).run();
}

}  // namespace secct::generator
