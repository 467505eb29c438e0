// SPDX-License-Identifier: GPL-2.0-or-later
// The texts of explain.hpp about a whole message: its summary line and its problems.
#include "protocol/explain/explain.hpp"
#include "protocol/explain/wording.hpp"
#include "protocol/tables/status.hpp"

namespace secct {
namespace {

using F = Field;
using namespace wording;

class Line {
 public:
  explicit Line(const DecodedMessage& decoded) : decoded_(decoded) {}

  std::string text() {
    if (decoded_.message == Message::none) return {};
    constexpr std::size_t usual = 160;
    line_.reserve(usual);
    line_ = message_info(decoded_.message).key;
    collect();
    if (decoded_.message == Message::mip4_request) line_ += " request";
    if (decoded_.message == Message::mip4_reply) line_ += " reply";
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
    for (const auto& field : decoded_.fields) {
      switch (field.field) {
        case F::contexts: ++contexts_; break;
        case F::req_form:
          if (form_ == nullptr) form_ = &field;
          break;
        case F::req_spi: ++spis_; break;
        case F::ack_changed: ++changed_; break;
        case F::status:
          // The first failure, if there are several statuses.
          if (status_ == nullptr || (status_->number == status::ok && field.number != status::ok))
            status_ = &field;
          break;
        default: break;
      }
    }
  }

  void code() {
    if (decoded_.message != Message::hack) return;
    const auto code = decoded_.number(F::code);
    if (!code) return;
    const auto* value = find_value(Values::hack_code, *code);
    part("code=", std::to_string(*code) + ' ' + (value != nullptr ? value->text : "Unknown code"));
  }

  void status() {
    if (status_ != nullptr) part("status=", status_text(status_->number));
  }

  void addresses() {
    address("Naddr=", F::naddr);
    // Requests also name the mobile node and the other router.
    switch (decoded_.message) {
      case Message::shin:
        address("Paddr=", F::paddr);
        address("PR=", F::router);
        break;
      case Message::pshin: address("NR=", F::router); break;
      case Message::shreq: address("Paddr=", F::paddr); break;
      case Message::mip4_request:
        address("PR=", F::mip4_router);
        address("oCoA=", F::mip4_old_coa);
        break;
      default: break;
    }
  }

  void address(std::string_view name, F field) {
    const auto* found = decoded_.find(field);
    if (found == nullptr) return;
    const auto address = decoded_.address(*found);
    part(name, row(field).type == FieldType::ipv4 ? v4_text(View(address).subspan(12))
                                                  : to_text(address));
  }

  void malformed() {
    const Problem* worst = nullptr;
    for (const auto& problem : decoded_.problems) {
      const auto& rule = row(problem.rule);
      if (rule.severity != Severity::error) continue;
      if (worst == nullptr || rule.status_row < row(worst->rule).status_row) worst = &problem;
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
    const auto* value = find_value(row(problem.field).values, *problem.actual);
    if (value != nullptr) text += std::string(" ") + value->text;
  }
  // Offset 0 means the whole message.
  if (problem.offset != 0) text += ", at octet " + std::to_string(problem.offset);
  return text + " [" + rule.section + "]";
}

std::string problem_text(const Problem& problem) {
  return std::string(row(problem.field).name) + ": " + problem_detail(problem);
}

}  // namespace secct
