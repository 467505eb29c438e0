// SPDX-License-Identifier: GPL-2.0-or-later
// Names of numbers in packet documents, and the JSON Schema that lists them.
#include "generator/document/value_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generator/document/schema.hpp"

namespace secct::generator {
namespace {

using F = Field;

TEST(ValueNames, FollowTheCodePointProfile) {
  CodePoints points;
  points.set(CodePoint::icmpopt_shreq, 151);
  const auto& field = row(F::opt_type);
  EXPECT_EQ(named_number(points, field, "shreq"), 151U);
  EXPECT_EQ(number_name(points, field, 151), "shreq");
  EXPECT_NE(named_number({}, field, "shreq"), 151U);
  EXPECT_FALSE(number_name({}, field, 151));
}

TEST(ValueNames, CoverSptsAndPad1) {
  EXPECT_EQ(named_number({}, row(F::spt), "ESP-TUNNEL-DES-CBC-V6"), 6U);
  EXPECT_EQ(number_name({}, row(F::spt), 6), "ESP-TUNNEL-DES-CBC-V6");
  EXPECT_FALSE(number_name({}, row(F::spt), 0x7001));
  EXPECT_EQ(named_number({}, row(F::subopt_type), "pad1"), 0U);
  EXPECT_EQ(number_name({}, row(F::subopt_type), 0), "pad1");
}

TEST(ValueNames, StatusesAreWrittenAsNumbersButReadByName) {
  EXPECT_EQ(named_number({}, row(F::status), "ok"), 200U);
  EXPECT_FALSE(number_name({}, row(F::status), 200));
}

TEST(ValueNames, FieldsWithoutNames) {
  EXPECT_TRUE(number_names(row(F::identifier)).empty());
  EXPECT_FALSE(named_number({}, row(F::identifier), "ok"));
  EXPECT_EQ(largest_number(row(F::identifier).type), 0xffffU);
}

TEST(Schema, ListsNamesAndLimits) {
  const auto schema = packet_document_schema();
  const auto& layers =
      schema["definitions"]["packet"]["properties"]["layers"]["items"]["properties"];
  EXPECT_EQ(layers["ipv6"]["properties"]["ipv6.hlim"]["anyOf"][0]["maximum"], 255);
  const auto types =
      schema["definitions"]["sub_options"]["properties"]["secct.subopt.type"]["anyOf"][1]["enum"];
  EXPECT_THAT(types.get<std::vector<std::string>>(),
              testing::IsSupersetOf({"stat", "rep", "pad1"}));
  EXPECT_EQ(layers["udp"]["additionalProperties"], false);
}

}  // namespace
}  // namespace secct::generator
