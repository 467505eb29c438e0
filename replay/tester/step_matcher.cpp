// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/step_matcher.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/document/yaml.hpp"
#include "protocol/explain/explain.hpp"
#include "protocol/tables/status.hpp"
#include "replay/tester/predicates.hpp"

namespace secct::replay {
namespace {

using F = Field;

// A field and the message in which it stands.
struct Found {
  const DecodedMessage* decoded;
  const DecodedField* item;
};

std::string value_as_text(const Found& found) {
  const auto& [decoded, at] = found;
  const auto& item = *at;
  const auto& field = row(item.field);
  switch (field.type) {
    case FieldType::ipv6: return to_text(decoded->address(item));
    case FieldType::ipv4: return v4_text(decoded->octets_of(item));
    case FieldType::bytes: return to_hex(decoded->octets_of(item));
    case FieldType::text: {
      const auto octets = decoded->octets_of(item);
      return {octets.begin(), octets.end()};
    }
    case FieldType::boolean: return item.number != 0 ? "true" : "false";
    default: break;
  }
  const auto* name = value_name(item, *decoded);
  const auto number = fmt::format("{0} (0x{0:x})", item.number);
  return name != nullptr ? fmt::format("{} {}", number, name) : number;
}

// Which protection a message must have where the step does not say it (wire-format.md 8).
struct ProtectionRow {
  std::string_view message;
  std::string_view under;  // "routers": AH or ESP under an SA between the routers
  const char* clause;
};
constexpr ProtectionRow protections[] = {
    {"hi", "routers", "FRAME-5.2-1"},      {"hack", "ah", "FMIP-4.4-5"},
    {"shreq", "ah", "FRAME-5.1-1"},        {"shrep", "routers", "RELOC-4-8"},
    {"shrep-ack", "routers", "RELOC-7-1"},
};

class StepMatcher {
 public:
  StepMatcher(const CaseStep& step, std::size_t number,
              std::span<const DecodedMessage* const> earlier, const ReceivedPacket& seen,
              const VariableContext& words)
      : step_(step), number_(number), earlier_(earlier), seen_(seen), words_(words) {}

  Judgement run() {
    protection();
    for (const auto& check : step_.fields) {
      if (!result_.failure) field(check);
    }
    for (const auto& check : step_.one_of) {
      if (!result_.failure) one_of(check);
    }
    for (const auto& name : step_.absent) {
      if (!result_.failure) absent(name);
    }
    if (step_.contexts && !result_.failure) {
      std::vector<Context> found;
      for (const auto* decoded : earlier_)
        std::ranges::move(read_contexts(*decoded), back_inserter(found));
      std::ranges::move(read_contexts(seen_.decoded), back_inserter(found));
      checked("contexts", compare_contexts(found, words_, words_.mobile.chosen(*step_.contexts)));
    }
    for (const auto& name : step_.checks) {
      if (result_.failure) break;
      checked(name, run_predicate(name, seen_, words_));
    }
    return std::move(result_);
  }

 private:
  void compared(std::string_view what, std::string expected, std::string actual, bool good) {
    result_.compared.push_back(
        {number_, std::string(what), std::move(expected), std::move(actual), good});
  }

  void checked(std::string_view name, std::optional<Failure> failure) {
    compared(name, failure ? failure->expected : "kept", failure ? failure->actual : "kept",
             !failure);
    result_.failure = std::move(failure);
  }

  void protection() {
    confidentiality();
    if (result_.failure) return;
    if (!step_.under.empty()) {
      under(step_.under, "");
      return;
    }
    const auto* row = std::ranges::find(protections, step_.message, &ProtectionRow::message);
    if (row != std::end(protections)) {
      under(row->under, row->clause);
      return;
    }
    // A SHAK that reports a failed transfer may have no SA to be sent under.
    const auto status = seen_.decoded.number(F::status);
    if (step_.message == "shak" && (!status || *status == status::ok)) {
      under("transferred", "RELOC-4-17");
    }
  }

  // Contexts hold keys: where the description asks for confidentiality they travel under ESP.
  void confidentiality() {
    const bool confidential = words_.handover.description().policies.confidential;
    if (!confidential || seen_.decoded.find(F::sa_key) == nullptr || is_under("esp")) return;
    compared("under", "esp", under_text(), false);
    result_.failure = {"RELOC-7-2", "secct.sa.key", "under ESP", under_text(),
                       "keys are readable though confidentiality is required"};
  }

  bool is_under(std::string_view wanted) const {
    if (wanted == "none") return seen_.under.empty();
    if (seen_.under.empty()) return false;
    const auto& sa = seen_.under.front();
    const auto& router_sas = words_.handover.description().router_sas;
    const bool between_routers = std::ranges::any_of(router_sas, [&](const auto& entry) {
      return entry.sa.spi == sa.spi && entry.sa.protocol == sa.protocol;
    });
    if (wanted == "transferred") return !between_routers;
    if (wanted == "routers") return between_routers;
    return (sa.protocol == IpsecProtocol::ah) == (wanted == "ah");
  }

  std::string under_text() const {
    if (seen_.under.empty()) return "no IPsec";
    const auto& sa = seen_.under.front();
    return fmt::format("{} SPI 0x{:08x}", sa.protocol == IpsecProtocol::ah ? "AH" : "ESP", sa.spi);
  }

  void under(std::string_view wanted, const char* clause) {
    const auto found = under_text();
    const bool good = is_under(wanted);
    const auto text =
        wanted == "routers" ? std::string("AH or ESP between the routers") : std::string(wanted);
    compared("under", text, found, good);
    if (good) return;
    result_.failure = {clause, "", text, found, "the protection is not as it must be"};
  }

  // A SecCT-ack of nothing but the gateway's address or a path MTU (behaviour.md 2.9, 2.10).
  bool may_always_be_told(const DecodedField& item) const {
    constexpr std::uint64_t bits = 0x40 | 0x02 | 0x01;
    const auto* changed =
        item.field == F::sub_options ? seen_.decoded.find_in(item, F::ack_changed) : nullptr;
    return changed != nullptr && (changed->number & ~bits) == 0;
  }

  // Of earlier messages what stands in their contexts counts; the rest is the same in all of them.
  std::vector<Found> items_of(const std::string& name) const {
    const auto wanted = find_field(name);
    std::vector<Found> items;
    if (!wanted) return items;
    for (const auto* decoded : earlier_) {
      std::uint32_t end = 0;  // of the context that an item is in
      for (std::uint32_t i = 0; i < decoded->fields.size(); ++i) {
        const auto& item = decoded->fields[i];
        if (item.field == F::contexts) end = item.end;
        if (item.field == *wanted && i < end) items.push_back({decoded, &item});
      }
    }
    std::uint32_t passed_over = 0;
    for (std::uint32_t i = 0; i < seen_.decoded.fields.size(); ++i) {
      const auto& item = seen_.decoded.fields[i];
      if (may_always_be_told(item)) passed_over = item.end;
      if (item.field == *wanted && i >= passed_over) items.push_back({&seen_.decoded, &item});
    }
    return items;
  }

  // A HAck that acknowledges no U-SHREP breaks a SHOULD, whatever of it is missed.
  bool lacks_shrep_ack() const { return seen_.decoded.broken(Rule::hack_no_shrep_ack); }

  // A SHREP with contexts is good without SecCT-Stat 200 too (behaviour.md 3.1).
  bool says_200(const std::string& name, const std::vector<std::string>& wanted) const {
    return name == row(F::status).name && wanted == std::vector{std::to_string(status::ok)} &&
           seen_.decoded.message == Message::shrep && seen_.decoded.find(F::contexts) != nullptr;
  }

  std::vector<std::string> wanted_of(const FieldCheck& check) const {
    std::vector<std::string> wanted;
    for (const auto& value : check.values) {
      for (auto& text : values_of(value, words_)) wanted.push_back(std::move(text));
    }
    return wanted;
  }

  Node read(const std::string& name, const std::string& text) const {
    return read_field(words_.handover.description().codepoints, *find_field(name), text, {"", name},
                      YAML::Node());
  }

  static bool same(const Found& found, const Node& node) {
    const auto& [decoded, item] = found;
    if (node.number()) return *node.number() == item->number;
    if (row(item->field).type == FieldType::ipv6) {
      return decoded->address(*item) == address_from(*node.octets());
    }
    return std::ranges::equal(*node.octets(), decoded->octets_of(*item));
  }

  void wrong(const std::string& name, const std::string& expected, const Found& found,
             std::optional<std::uint64_t> number) {
    result_.failure = {"", name, expected, value_as_text(found), "wrong value"};
    // Which error status is sent rests on this project's table alone.
    result_.lenient = found.item->field == F::status && number && status::is_error(*number) &&
                      status::is_error(found.item->number);
  }

  void field(const FieldCheck& check) {
    const auto items = items_of(check.name);
    const auto wanted = wanted_of(check);
    if (items.empty() && says_200(check.name, wanted)) {
      compared(check.name, "200 or none", "none", true);
      return;
    }
    for (std::size_t i = 0; i < std::max(items.size(), wanted.size()); ++i) {
      if (i >= items.size() || i >= wanted.size()) {
        compared(check.name, i < wanted.size() ? wanted[i] : "no more",
                 i < items.size() ? value_as_text(items[i]) : "none", false);
        result_.failure = {lacks_shrep_ack() ? "RELOC-4-4" : "", check.name,
                           fmt::format("{} of them", wanted.size()),
                           fmt::format("{}", items.size()), "not as many fields as there must be"};
        return;
      }
      const auto node = read(check.name, wanted[i]);
      const bool good = same(items[i], node);
      compared(check.name, wanted[i], value_as_text(items[i]), good);
      if (good) continue;
      wrong(check.name, wanted[i], items[i], node.number());
      return;
    }
  }

  void one_of(const FieldCheck& check) {
    const auto items = items_of(check.name);
    const auto wanted = wanted_of(check);
    const auto all = fmt::format("one of {}", fmt::join(wanted, ", "));
    if (items.empty()) {
      compared(check.name, all, "none", false);
      result_.failure = {"", check.name, all, "none", "the field is missing"};
      return;
    }
    for (const auto& item : items) {
      const bool good = std::ranges::any_of(
          wanted, [&](const auto& text) { return same(item, read(check.name, text)); });
      compared(check.name, all, value_as_text(item), good);
      if (good) continue;
      wrong(check.name, all, item, read(check.name, wanted.front()).number());
      return;
    }
  }

  void absent(const std::string& name) {
    const auto items = items_of(name);
    const auto found = items.empty() ? std::string("none") : value_as_text(items.front());
    compared(name, "none", found, items.empty());
    if (!items.empty()) result_.failure = {"", name, "none", found, "must not be there"};
  }

  const CaseStep& step_;
  std::size_t number_;
  std::span<const DecodedMessage* const> earlier_;
  const ReceivedPacket& seen_;
  const VariableContext& words_;
  Judgement result_;
};

}  // namespace

Judgement match(const CaseStep& step, std::size_t number,
                std::span<const DecodedMessage* const> earlier, const ReceivedPacket& seen,
                const VariableContext& words) {
  return StepMatcher(step, number, earlier, seen, words).run();
}

}  // namespace secct::replay
