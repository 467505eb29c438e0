// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/case/step_matcher.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "generator/document/yaml.hpp"
#include "protocol/explain/explain.hpp"
#include "protocol/tables/status.hpp"
#include "replay/tester/case/compare_contexts.hpp"
#include "replay/tester/case/predicates.hpp"

namespace secct::replay {
namespace {

using F = Field;

// A field and its message.
struct FoundField {
  const DecodedMessage* decoded;
  const DecodedField* field;
};

std::string value_as_text(const FoundField& found) {
  const auto& decoded = *found.decoded;
  const auto& field = *found.field;
  switch (row(field.field).type) {
    case FieldType::ipv6: return to_text(decoded.address(field));
    case FieldType::ipv4: return v4_text(decoded.octets_of(field));
    case FieldType::bytes: return to_hex(decoded.octets_of(field));
    case FieldType::text: {
      const auto octets = decoded.octets_of(field);
      return {octets.begin(), octets.end()};
    }
    case FieldType::boolean: return field.number != 0 ? "true" : "false";
    default: break;
  }
  const auto* name = value_name(field, decoded);
  const auto number = fmt::format("{0} (0x{0:x})", field.number);
  return name != nullptr ? fmt::format("{} {}", number, name) : number;
}

// The value of a step's `under` for the protection that a message must have (wire-format.md 8); ""
// if a router sends no message with it.
std::string_view under_of(RequiredProtection protection) {
  switch (protection) {
    case RequiredProtection::ah: return "ah";
    case RequiredProtection::ah_or_esp: return "routers";
    case RequiredProtection::esp: return "esp";
    case RequiredProtection::transferred_sa: return "transferred";
    case RequiredProtection::own_sa:
    case RequiredProtection::none: break;
  }
  return "";
}

class StepMatcher {
 public:
  StepMatcher(const CaseStep& step, std::size_t index,
              std::span<const DecodedMessage* const> earlier, const ReceivedPacket& packet,
              const VariableContext& variables)
      : step_(step), index_(index), earlier_(earlier), packet_(packet), variables_(variables) {}

  MatchResult run() {
    check_protection();
    for (const auto& check : step_.fields) {
      if (!result_.failure) check_field(check);
    }
    for (const auto& check : step_.one_of) {
      if (!result_.failure) check_one_of(check);
    }
    for (const auto& name : step_.absent) {
      if (!result_.failure) check_absent(name);
    }
    if (step_.contexts && !result_.failure) check_contexts();
    for (const auto& name : step_.predicates) {
      if (!result_.failure) add_result(name, run_predicate(name, packet_, variables_));
    }
    return std::move(result_);
  }

 private:
  void add_comparison(std::string_view what, std::string expected, std::string actual, bool good) {
    result_.compared.push_back(
        {index_, std::string(what), std::move(expected), std::move(actual), good});
  }

  void add_result(std::string_view name, std::optional<Failure> failure) {
    add_comparison(name, failure ? failure->expected : "satisfied",
                   failure ? failure->actual : "satisfied", !failure);
    result_.failure = std::move(failure);
  }

  void check_protection() {
    check_confidentiality();
    if (result_.failure) return;
    if (!step_.under.empty()) {
      check_under(step_.under, "");
      return;
    }
    const auto message = find_message(step_.message);
    if (!message) return;
    const auto& info = message_info(*message);
    // If the transfer failed, or if no SA has the IP version of the SHAK, none can protect it.
    const auto status = packet_.decoded.number(F::status);
    const bool is_failure = status && *status != status::ok;
    if (info.sent_under == RequiredProtection::transferred_sa &&
        (is_failure || !variables_.mobile_node.shak_context())) {
      return;
    }
    const auto under = under_of(info.sent_under);
    if (!under.empty()) check_under(under, info.protection_clause);
  }

  // Contexts contain keys: if the description requires confidentiality, they must be under ESP.
  void check_confidentiality() {
    const bool confidential = variables_.handover.description().policies.confidential;
    if (!confidential || packet_.decoded.find(F::sa_key) == nullptr || is_under("esp")) return;
    add_comparison("under", "esp", under_text(), false);
    result_.failure = {"RELOC-7-2", "secct.sa.key", "ESP", under_text(),
                       "keys are sent unencrypted although confidentiality is required"};
  }

  bool is_under(std::string_view wanted) const {
    if (wanted == "none") return packet_.sas.empty();
    if (packet_.sas.empty()) return false;
    const auto& sa = packet_.sas.front();
    const auto& router_sas = variables_.handover.description().router_sas;
    const bool between_routers = std::ranges::any_of(router_sas, [&](const auto& entry) {
      return entry.sa.spi == sa.spi && entry.sa.protocol == sa.protocol;
    });
    if (wanted == "transferred") return !between_routers;
    if (wanted == "routers") return between_routers;
    return (sa.protocol == IpsecProtocol::ah) == (wanted == "ah");
  }

  std::string under_text() const {
    if (packet_.sas.empty()) return "no IPsec";
    const auto& sa = packet_.sas.front();
    return fmt::format("{} SPI 0x{:08x}", sa.protocol == IpsecProtocol::ah ? "AH" : "ESP", sa.spi);
  }

  static std::string wanted_text(std::string_view wanted) {
    if (wanted == "routers") return "AH or ESP between the routers";
    if (wanted == "transferred") return "a transferred SA";
    if (wanted == "none") return "no IPsec";
    return wanted == "ah" ? "AH" : "ESP";
  }

  void check_under(std::string_view wanted, const char* clause) {
    const auto found = under_text();
    const bool good = is_under(wanted);
    const auto text = wanted_text(wanted);
    add_comparison("under", text, found, good);
    if (!good) result_.failure = {clause, "", text, found, "wrong protection"};
  }

  // True for a SecCT-ack that reports only the gateway's address or a path MTU: a router may add
  // one to any SHAK (behaviour.md 2.9, 2.10).
  bool is_optional_ack(const DecodedField& field) const {
    constexpr std::uint64_t bits = 0x40 | 0x02 | 0x01;
    const auto* changed =
        field.field == F::sub_options ? packet_.decoded.find_in(field, F::ack_changed) : nullptr;
    return changed != nullptr && (changed->number & ~bits) == 0;
  }

  // The fields with this name. Of earlier SHREPs only those in contexts: their other fields are the
  // same as in the last message.
  std::vector<FoundField> find_fields(const std::string& name) const {
    const auto wanted = find_field(name);
    std::vector<FoundField> found;
    if (!wanted) return found;
    for (const auto* decoded : earlier_) {
      std::uint32_t context_end = decoded->message == Message::shak ? UINT32_MAX : 0;
      for (std::uint32_t i = 0; i < decoded->fields.size(); ++i) {
        const auto& field = decoded->fields[i];
        if (field.field == F::contexts) context_end = field.end;
        if (field.field == *wanted && i < context_end) found.push_back({decoded, &field});
      }
    }
    std::uint32_t skipped = 0;
    for (std::uint32_t i = 0; i < packet_.decoded.fields.size(); ++i) {
      const auto& field = packet_.decoded.fields[i];
      if (is_optional_ack(field)) skipped = field.end;
      if (field.field == *wanted && i >= skipped) found.push_back({&packet_.decoded, &field});
    }
    return found;
  }

  // A HAck without SHREP-Ack violates only a SHOULD, whichever of its fields the step expects.
  bool lacks_shrep_ack() const { return packet_.decoded.broken(Rule::hack_no_shrep_ack); }

  // A SHREP with contexts may omit SecCT-Stat 200 (behaviour.md 3.1).
  bool may_omit_status(const std::string& name, const std::vector<std::string>& expected) const {
    return name == row(F::status).name && expected == std::vector{std::to_string(status::ok)} &&
           packet_.decoded.message == Message::shrep &&
           packet_.decoded.find(F::contexts) != nullptr;
  }

  std::vector<std::string> expected_values(const FieldCheck& check) const {
    const auto variables = case_variables(variables_);
    std::vector<std::string> values;
    for (const auto& value : check.values) {
      std::ranges::move(variables(value), std::back_inserter(values));
    }
    return values;
  }

  Node read(const std::string& name, const std::string& text) const {
    return read_field(variables_.handover.description().codepoints, *find_field(name), text,
                      {"", name}, YAML::Node());
  }

  static bool is_equal(const FoundField& found, const Node& node) {
    const auto& [decoded, field] = found;
    if (node.number()) return *node.number() == field->number;
    if (row(field->field).type == FieldType::ipv6) {
      return decoded->address(*field) == address_from(*node.octets());
    }
    return std::ranges::equal(*node.octets(), decoded->octets_of(*field));
  }

  void fail(const std::string& name, const std::string& expected, const FoundField& found,
            std::optional<std::uint64_t> number) {
    result_.failure = {"", name, expected, value_as_text(found), "wrong value"};
    // Only the table of this project says which error status a router sends (behaviour.md 4).
    result_.lenient = found.field->field == F::status && number && status::is_error(*number) &&
                      status::is_error(found.field->number);
  }

  void check_field(const FieldCheck& check) {
    const auto found = find_fields(check.name);
    const auto expected = expected_values(check);
    if (found.empty() && may_omit_status(check.name, expected)) {
      add_comparison(check.name, "200 or none", "none", true);
      return;
    }
    for (std::size_t i = 0; i < std::max(found.size(), expected.size()); ++i) {
      if (i >= found.size() || i >= expected.size()) {
        add_comparison(check.name, i < expected.size() ? expected[i] : "no further field",
                       i < found.size() ? value_as_text(found[i]) : "none", false);
        result_.failure = {lacks_shrep_ack() ? "RELOC-4-4" : "", check.name,
                           std::to_string(expected.size()), std::to_string(found.size()),
                           "wrong number of fields"};
        return;
      }
      const auto node = read(check.name, expected[i]);
      const bool good = is_equal(found[i], node);
      add_comparison(check.name, expected[i], value_as_text(found[i]), good);
      if (good) continue;
      fail(check.name, expected[i], found[i], node.number());
      return;
    }
  }

  void check_one_of(const FieldCheck& check) {
    const auto found = find_fields(check.name);
    const auto allowed = expected_values(check);
    const auto text = fmt::format("one of {}", fmt::join(allowed, ", "));
    if (found.empty()) {
      add_comparison(check.name, text, "none", false);
      result_.failure = {"", check.name, text, "none", "field is missing"};
      return;
    }
    for (const auto& field : found) {
      const bool good = std::ranges::any_of(
          allowed, [&](const auto& value) { return is_equal(field, read(check.name, value)); });
      add_comparison(check.name, text, value_as_text(field), good);
      if (good) continue;
      fail(check.name, text, field, read(check.name, allowed.front()).number());
      return;
    }
  }

  void check_absent(const std::string& name) {
    const auto found = find_fields(name);
    const auto actual = found.empty() ? std::string("none") : value_as_text(found.front());
    add_comparison(name, "none", actual, found.empty());
    if (!found.empty()) result_.failure = {"", name, "none", actual, "field must be absent"};
  }

  // The messages of a transfer may arrive in any order.
  void check_contexts() {
    const auto expected = variables_.mobile_node.select(*step_.contexts);
    const auto place = [&expected](const std::vector<Context>& part) {
      if (part.empty()) return expected.end();
      return std::ranges::find(expected, part.front().spi, &Context::spi);
    };
    std::vector<std::vector<Context>> parts;
    for (const auto* decoded : earlier_) parts.push_back(read_contexts(*decoded));
    parts.push_back(read_contexts(packet_.decoded));
    std::ranges::stable_sort(parts, {}, place);
    std::vector<Context> found;
    for (auto& part : parts) std::ranges::move(part, std::back_inserter(found));
    add_result("contexts", compare_contexts(found, expected, variables_));
  }

  const CaseStep& step_;
  std::size_t index_;
  std::span<const DecodedMessage* const> earlier_;
  const ReceivedPacket& packet_;
  const VariableContext& variables_;
  MatchResult result_;
};

}  // namespace

MatchResult match(const CaseStep& step, std::size_t index,
                  std::span<const DecodedMessage* const> earlier, const ReceivedPacket& packet,
                  const VariableContext& variables) {
  return StepMatcher(step, index, earlier, packet, variables).run();
}

}  // namespace secct::replay
