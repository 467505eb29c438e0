// SPDX-License-Identifier: GPL-2.0-or-later
// The message table and the table of statuses: docs/wire-format.md sections 2, 6.5 and 8,
// docs/behaviour.md section 4.
#include "protocol/tables/messages.hpp"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "protocol/tables/layout.hpp"
#include "protocol/tables/status.hpp"

namespace secct {
namespace {

TEST(Messages, AreFoundByIdNumberAndName) {
  ASSERT_EQ(messages().size(), message_count);
  std::set<std::string_view> names;
  for (const auto& info : messages()) {
    EXPECT_EQ(&message_info(info.id), &info);
    EXPECT_EQ(find_message(info.name), info.id);
    EXPECT_EQ(message_of_number(info.number, info.carrier), info.id);
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    const auto* value = find_value(Values::message, info.number);
    ASSERT_NE(value, nullptr) << info.name;
    EXPECT_STREQ(value->key, info.key);
    EXPECT_STREQ(value->text, info.text);
  }
  EXPECT_EQ(message_of_number(9), Message::mip4_request);
  EXPECT_EQ(message_of_number(9, Carrier::mip4_reply), Message::mip4_reply);
  EXPECT_FALSE(message_of_number(9, Carrier::icmpv6));
  EXPECT_FALSE(message_of_number(0));
  EXPECT_FALSE(find_message("SHREP"));
  EXPECT_FALSE(find_message(""));
}

TEST(Messages, HaveTheFixedOctetsOfTheirDiagrams) {
  const std::map<std::string_view, unsigned> expected{
      {"hi", 8},    {"hack", 8},    {"shreq", 8}, {"shrep", 8},         {"shrep-ack", 8},
      {"shin", 34}, {"p-shin", 34}, {"shak", 2},  {"mip4-request", 22}, {"mip4-reply", 2}};
  for (const auto& [name, octets] : expected) {
    const auto id = find_message(name);
    ASSERT_TRUE(id) << name;
    EXPECT_EQ(message_info(*id).fixed_octets, octets) << name;
  }
  EXPECT_EQ(find_option(CodePoint::icmpopt_ip_address)->fixed_octets(), 24);
  EXPECT_EQ(find_option(CodePoint::icmpopt_lla)->fixed_octets(), 3);
  EXPECT_EQ(find_option(CodePoint::icmpopt_shrep_ack)->fixed_octets(), 36);
  EXPECT_EQ(find_sub_option(CodePoint::subopt_ack)->fixed_octets(), 8);
}

// An answer goes from the receiver of the message to its sender.
TEST(Messages, HaveAnswersInTheOppositeDirection) {
  for (const auto& info : messages()) {
    if (info.answered_by == Message::none) continue;
    const auto& answer = message_info(info.answered_by);
    EXPECT_EQ(answer.receiver, info.sender) << info.name;
    EXPECT_TRUE(answer.sender == info.receiver || answer.sender == Party::any_router) << info.name;
  }
}

TEST(Messages, HaveContextOptionsThatBelongToThem) {
  for (const auto& info : messages()) {
    if (!info.context_option) {
      EXPECT_FALSE(info.context_required) << info.name;
      continue;
    }
    const auto* option = find_option(*info.context_option);
    ASSERT_NE(option, nullptr) << info.name;
    EXPECT_TRUE(option->is_context()) << info.name;
    EXPECT_TRUE(option->belongs_to(info.id)) << info.name;
  }
  EXPECT_FALSE(find_option(CodePoint::icmpopt_shreq)->belongs_to(Message::shrep));
  EXPECT_TRUE(find_option(CodePoint::icmpopt_lla)->belongs_to(Message::hi));
  EXPECT_FALSE(find_option(CodePoint::icmpopt_lla)->belongs_to(Message::hack));
}

TEST(Messages, NameAClauseExactlyWhereARouterMustProtectThem) {
  for (const auto& info : messages()) {
    const bool is_protected = info.sent_under != RequiredProtection::none;
    EXPECT_EQ(*info.protection_clause != '\0', is_protected && info.sender != Party::mobile_node)
        << info.name;
  }
}

TEST(MessageSetTest, ContainsTheInsertedMessages) {
  MessageSet set{Message::hi};
  EXPECT_TRUE(set.contains(Message::hi));
  EXPECT_FALSE(set.contains(Message::mip4_reply));
  set.insert(Message::mip4_reply);
  EXPECT_TRUE(set.contains(Message::mip4_reply));
  EXPECT_TRUE(MessageSet().empty());
  EXPECT_FALSE(set.empty());
}

TEST(Status, AnswersTheRowsOfTheSpecification) {
  EXPECT_EQ(status::of_row(0), status::ok);
  EXPECT_FALSE(status::of_row(1));
  EXPECT_EQ(status::of_row(2), 102);
  EXPECT_EQ(status::of_row(3), 104);
  EXPECT_EQ(status::of_row(4), 105);
  EXPECT_EQ(status::of_row(5), 102);
  EXPECT_EQ(status::of_row(6), 100);
  EXPECT_EQ(status::of_row(7), 101);
  EXPECT_EQ(status::of_row(8), 103);
  EXPECT_EQ(status::of_row(9), 106);
  EXPECT_EQ(status::of_row(10), 200);
  for (const std::uint8_t row : {11, 16, 255}) EXPECT_FALSE(status::of_row(row));
}

TEST(Status, IsAnErrorUnlessItIsOkOrUnknown) {
  EXPECT_TRUE(status::is_error(100));
  EXPECT_TRUE(status::is_error(106));
  EXPECT_FALSE(status::is_error(200));
  EXPECT_FALSE(status::is_error(107));
  EXPECT_FALSE(status::is_error(std::uint64_t{1} << 32 | 100));
  EXPECT_EQ(status::find(107), nullptr);
  EXPECT_STREQ(status::find(102)->clause, "RELOC-5.4-102");
}

}  // namespace
}  // namespace secct
