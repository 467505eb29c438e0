// SPDX-License-Identifier: GPL-2.0-or-later
// The texts of explain.hpp about a whole message: its summary line, and what is wrong with it.
#include "protocol/explain/explain.hpp"
#include "protocol/explain/wording.hpp"
#include "protocol/tables/status.hpp"

namespace secct {
namespace {

using F = Field;
using namespace wording;

// --- the parts of the summary line
class Line {
 public:
  explicit Line(const DecodedMessage& decoded) : decoded_(decoded) {}

  std::string text() {
    const auto* name = find_value(Values::message, static_cast<unsigned>(decoded_.message));
    if (name == nullptr) return {};
    constexpr std::size_t usual = 160;
    line_.reserve(usual);
    line_ = name->key;
    collect();
    if (decoded_.carrier == Carrier::mip4_request) line_ += " request";
    if (decoded_.carrier == Carrier::mip4_reply) line_ += " reply";
    if (const auto id = decoded_.number(F::identifier)) part("id=", std::to_string(*id));
    code();
    if (form_ != nullptr) part(request_text(*form_, spis_));
    if (contexts_ > 0) part(count(contexts_, "SA", "SAs"));
    status();
    if (changed_ > 0) part(count(changed_, "changed SA", "changed SAs"));
    if (decoded_.number(F::all_received) == 1U) part("all received");
    addresses();
    malformed();
    return std::move(line_);
  }

 private:
  void part(std::string_view text, std::string_view more = {}) {
    line_.append("  ").append(text).append(more);
  }

  void collect() {
    for (const auto& item : decoded_.fields) {
      switch (item.field) {
        case F::contexts: ++contexts_; break;
        case F::req_form:
          if (form_ == nullptr) form_ = &item;
          break;
        case F::req_spi: ++spis_; break;
        case F::ack_changed: ++changed_; break;
        case F::status:
          // Of several the first failure matters.
          if (status_ == nullptr || (status_->number == status::ok && item.number != status::ok))
            status_ = &item;
          break;
        default: break;
      }
    }
  }

  void code() {
    if (decoded_.message != Message::hack) return;
    const auto code = decoded_.number(F::code);
    if (!code) return;
    const auto* known = find_value(Values::hack_code, *code);
    part("code=", std::to_string(*code) + ' ' + (known != nullptr ? known->text : "Unknown code"));
  }

  void status() {
    if (status_ != nullptr) part("status=", status_text(status_->number));
  }

  void addresses() {
    address("Naddr=", F::naddr);
    // Of a request it matters for whom and whither, of an answer the new address only.
    switch (decoded_.message) {
      case Message::shin:
        address("Paddr=", F::paddr);
        address("PR=", F::router);
        break;
      case Message::pshin: address("NR=", F::router); break;
      case Message::shreq: address("Paddr=", F::paddr); break;
      case Message::mip4:
        address("PR=", F::mip4_router);
        address("oCoA=", F::mip4_old_coa);
        break;
      default: break;
    }
  }

  void address(std::string_view name, F field) {
    const auto* item = decoded_.find(field);
    if (item == nullptr) return;
    const auto address = decoded_.address(*item);
    part(name, row(field).type == FieldType::ipv4 ? v4_text(View(address).subspan(12))
                                                  : to_text(address));
  }

  void malformed() {
    const Problem* worst = nullptr;
    for (const auto& problem : decoded_.problems) {
      const auto& rule = row(problem.rule);
      if (rule.severity != Severity::error) continue;
      if (worst == nullptr || rule.row < row(worst->rule).row) worst = &problem;
    }
    if (worst != nullptr) part(std::string("[") + row(worst->rule).text + "]");
  }

  const DecodedMessage& decoded_;
  std::string line_;
  const DecodedField* form_ = nullptr;
  const DecodedField* status_ = nullptr;
  std::size_t spis_ = 0;
  std::size_t contexts_ = 0;
  std::size_t changed_ = 0;
};

}  // namespace

std::string info(const DecodedMessage& decoded) { return Line(decoded).text(); }

std::string problem_detail(const Problem& problem) {
  const auto& rule = row(problem.rule);
  std::string text = rule.text;
  if (problem.expected) text += ": expected " + both(*problem.expected);
  if (problem.actual) {
    text += (problem.expected ? ", found " : ": found ") + both(*problem.actual);
    const auto* known = find_value(row(problem.field).values, *problem.actual);
    if (known != nullptr) text += std::string(" ") + known->text;
  }
  // The first octet stands for the whole message.
  if (problem.offset != 0) text += ", at octet " + std::to_string(problem.offset);
  return text + " [" + rule.section + "]";
}

std::string problem_text(const Problem& problem) {
  return std::string(row(problem.field).name) + ": " + problem_detail(problem);
}

}  // namespace secct
