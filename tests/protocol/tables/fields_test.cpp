// SPDX-License-Identifier: GPL-2.0-or-later
// Fields, enumerations and rules: names as in docs/fields.md, complete tables.
#include "protocol/tables/fields.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace secct {
namespace {

// The names of docs/fields.md. Filters and documents of users depend on each of them.
constexpr std::string_view promised[] = {
    "secct.message", "secct.code", "secct.identifier", "secct.flags.s", "secct.flags.u",
    "secct.reserved",
    // ICMP options
    "secct.opt.type", "secct.opt.length", "secct.opt.subtype", "secct.opt.prefix_length",
    "secct.opt.address", "secct.opt.lla", "secct.naddr", "secct.paddr", "secct.router",
    "secct.shrep_ack.all_received",
    // sub-options
    "secct.subopt.type", "secct.subopt.length", "secct.auth.replay", "secct.auth.token",
    "secct.auth.status", "secct.req.spt", "secct.req.form", "secct.req.source",
    "secct.req.destination", "secct.req.source_v4", "secct.req.destination_v4",
    "secct.req.source_private_id", "secct.req.destination_private_id", "secct.req.protocol",
    "secct.req.spi", "secct.req.ports", "secct.req.port",
    // SPT
    "secct.spt", "secct.spt.protocol", "secct.spt.mode", "secct.spt.algorithm",
    "secct.spt.structured", "secct.spt.source_v4", "secct.spt.destination_v4",
    "secct.spt.source_private", "secct.spt.destination_private", "secct.spt.megabytes",
    "secct.spt.static_profile", "secct.spt.additional",
    // profile
    "secct.sa.length", "secct.sa.protocol", "secct.sa.window_size", "secct.sa.key_length",
    "secct.sa.block_size", "secct.sa.key_rounds", "secct.sa.spi", "secct.sa.sequence",
    "secct.sa.lifetime", "secct.sa.source_port", "secct.sa.destination_port", "secct.sa.source",
    "secct.sa.destination", "secct.sa.source_v4", "secct.sa.destination_v4",
    "secct.sa.source_private_id", "secct.sa.destination_private_id", "secct.sa.window",
    "secct.sa.key", "secct.sa.iv",
    // additional security data, static profile
    "secct.sa.data.type", "secct.sa.data.length", "secct.sa.data.value",
    "secct.sa.data.auth_algorithm", "secct.sa.data.auth_key", "secct.sa.data.overflow",
    "secct.sa.data.pmtu", "secct.sa.data.iv_mode", "secct.sa.data.dscp", "secct.sa.data.name",
    "secct.sa.data.sensitivity", "secct.sa.data.source_port_low", "secct.sa.data.source_port_high",
    "secct.sa.data.destination_port_low", "secct.sa.data.destination_port_high",
    "secct.sa.data.source_prefix", "secct.sa.data.destination_prefix", "secct.sa.preference.type",
    "secct.sa.preference.length", "secct.sa.preference.value",
    // acknowledgments
    "secct.ack.changed", "secct.ack.changed.spi", "secct.ack.changed.peer",
    "secct.ack.changed.lifetime", "secct.ack.changed.sequence", "secct.ack.changed.window",
    "secct.ack.changed.renegotiate", "secct.ack.changed.pmtu", "secct.ack.changed.v4",
    "secct.ack.spi", "secct.ack.peer", "secct.ack.peer_v4", "secct.ack.lifetime",
    "secct.ack.sequence", "secct.ack.pmtu", "secct.ack.window_size", "secct.ack.window",
    "secct.status", "secct.reason", "secct.mip4.length", "secct.mip4.router", "secct.mip4.old_coa",
    // generated
    "secct.handover", "secct.response_in", "secct.response_to", "secct.time",
    "secct.handover_time"};

// Names that are not display filters: the octets with the protocol flags, the lists of packet
// documents, and raw octets.
constexpr std::string_view further[] = {
    "secct.req.flags", "options", "sub_options", "contexts", "additional", "static_profile", "raw"};

TEST(Fields, HaveTheDocumentedNames) {
  std::set<std::string_view> wanted(std::begin(promised), std::end(promised));
  EXPECT_EQ(wanted.size(), std::size(promised));
  wanted.insert(std::begin(further), std::end(further));
  std::set<std::string_view> found;
  for (const auto& field : fields()) {
    EXPECT_TRUE(wanted.contains(field.name)) << field.name;
    const bool is_new = found.insert(field.name).second;
    EXPECT_TRUE(is_new || field.id == Field::reserved32) << field.name;
  }
  for (const auto name : wanted) EXPECT_TRUE(found.contains(name)) << name;
}

TEST(Fields, RowsAreInTheOrderOfTheEnumeration) {
  ASSERT_EQ(fields().size(), static_cast<std::size_t>(Field::count));
  for (std::size_t i = 0; i < fields().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(fields()[i].id), i);
    EXPECT_EQ(&row(fields()[i].id), &fields()[i]);
    EXPECT_NE(*fields()[i].label, '\0');
    EXPECT_NE(*fields()[i].section, '\0');
  }
}

TEST(Fields, AreFoundByName) {
  EXPECT_EQ(find_field("secct.sa.spi"), Field::sa_spi);
  EXPECT_EQ(find_field("secct.reserved"), Field::reserved);
  EXPECT_EQ(find_field("secct.sa.SPI"), std::nullopt);
  EXPECT_EQ(find_field("secct.sa."), std::nullopt);
  EXPECT_EQ(find_field(""), std::nullopt);
}

TEST(Fields, BooleansHaveASingleBit) {
  for (const auto& field : fields()) {
    if (field.type != FieldType::boolean) continue;
    EXPECT_TRUE(field.mask != 0 && (field.mask & (field.mask - 1)) == 0) << field.name;
    EXPECT_LE(field.mask, field.base == FieldBase::bits8 ? 0x80U : 0x8000U) << field.name;
    EXPECT_TRUE(field.base == FieldBase::bits8 || field.base == FieldBase::bits16) << field.name;
  }
}

// The numbers of docs/wire-format.md.
TEST(Values, HaveTheNumbersOfTheSpecification) {
  const auto numbers = [](Values table) {
    std::vector<std::uint32_t> found;
    for (const auto& value : values(table)) found.push_back(value.number);
    return found;
  };
  using Numbers = std::vector<std::uint32_t>;
  EXPECT_EQ(numbers(Values::message), (Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(numbers(Values::hack_code), (Numbers{0, 1, 2, 3, 4, 128, 129, 130}));
  EXPECT_EQ(numbers(Values::address_subtype), (Numbers{1, 2}));
  EXPECT_EQ(numbers(Values::lla_subtype), (Numbers{1, 2, 3}));
  EXPECT_EQ(numbers(Values::auth_status), (Numbers{0, 1, 2}));
  EXPECT_EQ(numbers(Values::req_form), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(numbers(Values::req_protocol), (Numbers{0, 1}));
  EXPECT_EQ(numbers(Values::spt_protocol), (Numbers{0, 1, 2}));
  EXPECT_EQ(numbers(Values::spt_mode), (Numbers{0, 1}));
  EXPECT_EQ(numbers(Values::auth_algorithm), (Numbers{1, 2}));
  EXPECT_EQ(numbers(Values::cipher), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(numbers(Values::compression), (Numbers{1, 2}));
  EXPECT_EQ(numbers(Values::data_type),
            (Numbers{0, 1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134}));
  EXPECT_EQ(numbers(Values::iv_mode), (Numbers{0, 1}));
  EXPECT_EQ(numbers(Values::preference_type), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(numbers(Values::status), (Numbers{100, 101, 102, 103, 104, 105, 106, 200}));
  for (auto table : {Values::none, Values::icmpopt, Values::subopt, Values::spt}) {
    EXPECT_TRUE(values(table).empty());
  }
}

TEST(Values, AreFoundByNumberAndByKey) {
  for (int table = 0; table < static_cast<int>(Values::none); ++table) {
    std::set<std::string_view> keys;
    for (const auto& value : values(static_cast<Values>(table))) {
      EXPECT_EQ(value.table, static_cast<Values>(table));
      EXPECT_TRUE(keys.insert(value.key).second) << value.key;
      EXPECT_EQ(find_value(value.table, value.number), &value) << value.key;
      EXPECT_EQ(find_value(value.table, std::string_view(value.key)), value.number);
    }
    EXPECT_FALSE(keys.empty()) << table;
  }
  EXPECT_EQ(find_value(Values::message, std::string_view("shrep-ACK")), 5U);
  EXPECT_EQ(find_value(Values::message, std::string_view("SHRE")), std::nullopt);
  EXPECT_EQ(find_value(Values::status, 107), nullptr);
  EXPECT_EQ(find_value(Values::status, std::uint64_t{1} << 32 | 200), nullptr);
}

// Exactly the rules of rows 1, 2 and 5 of docs/behaviour.md section 4 are errors.
TEST(Rules, AreErrorsInTheRowsOfMalformedMessages) {
  ASSERT_EQ(rules().size(), static_cast<std::size_t>(Rule::count));
  for (const auto& rule : rules()) {
    const bool is_error = rule.status_row == 1 || rule.status_row == 2 || rule.status_row == 5;
    EXPECT_EQ(rule.severity == Severity::error, is_error) << rule.name;
    EXPECT_EQ(&row(rule.id), &rule);
    EXPECT_LE(rule.status_row, 9) << rule.name;
    EXPECT_TRUE(std::string_view(rule.section).starts_with("wire-format ") ||
                std::string_view(rule.section).starts_with("behaviour "))
        << rule.name;
  }
}

TEST(NearestName, HasTheSmallestEditDistance) {
  constexpr std::array<std::string_view, 4> names{"secct.sa.spi", "secct.ack.spi", "secct.req.spi",
                                                  "secct.sa.lifetime"};
  EXPECT_EQ(nearest_name("secct.sa.spl", names), "secct.sa.spi");
  EXPECT_EQ(nearest_name("secct.sa.lifetmie", names), "secct.sa.lifetime");
  EXPECT_EQ(nearest_name("sa.spi", names), "");
  EXPECT_EQ(nearest_name("entirely different and long", names), "");
  EXPECT_EQ(nearest_name("abc", {}), "");
  EXPECT_EQ(nearest_name(std::string(100000, 'x'), names), "");
  EXPECT_EQ(nearest_name("", names), "");
}

}  // namespace
}  // namespace secct
