// SPDX-License-Identifier: GPL-2.0-or-later
// Edits as data: reading them from YAML, applying and describing them.
#include "generator/document/edit_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

std::vector<Edit> edits_of(const std::string& text) {
  YamlMap map(parse_yaml(text, "e.yaml"), {"e.yaml", ""});
  auto edits = read_edits(map);
  map.finish();
  return edits;
}

std::vector<std::string> texts(const std::vector<Edit>& edits) {
  std::vector<std::string> list;
  for (const auto& edit : edits) list.push_back(edit_text(edit));
  return list;
}

PacketDocument shak() {
  return packet(
      "layers: [{ipv6.dstopts: {secct.message: SHAK, sub_options: "
      "[{secct.subopt.type: stat, secct.status: 200}]}}]");
}

std::vector<std::string> itself(const std::string& text) { return {text}; }

TEST(EditList, IsReadInTheOrderOfApplication) {
  EXPECT_EQ(texts(edits_of("set: {secct.status: 5, ipv6.hlim: 64}\n"
                           "repeat: sub_options\n"
                           "drop-layer: [ah]\n"
                           "swap: {'contexts#1': 'contexts#2'}\n"
                           "insert-layer: {icmpv6: {ah: {ah.spi: 1}}}\n")),
            (std::vector<std::string>{"without the layer ah",
                                      "with a layer before icmpv6 = {ah: {ah.spi: 1}}",
                                      "repeating sub_options", "exchanging contexts#1 = contexts#2",
                                      "with secct.status = 5", "with ipv6.hlim = 64"}));
  EXPECT_TRUE(edits_of("{}").empty());
}

TEST(EditList, KeysAreInTheOrderOfApplication) {
  const auto names = edit_names();
  EXPECT_EQ(names.front(), "drop-layer");
  EXPECT_EQ(names.back(), "set");
}

TEST(EditList, RejectsUnknownNames) {
  EXPECT_EQ(error_of([] { edits_of("set: {secct.statos: 5}"); }),
            "e.yaml:1: set: unknown field 'secct.statos'; did you mean secct.status?");
  EXPECT_EQ(error_of([] { edits_of("remove: [sub_option#2]"); }),
            "e.yaml:1: remove: unknown field 'sub_option#2'; did you mean sub_options?");
  EXPECT_EQ(error_of([] { edits_of("drop-layer: [ipv6.dstopt]"); }),
            "e.yaml:1: drop-layer: unknown layer 'ipv6.dstopt'; did you mean ipv6.dstopts?");
  EXPECT_EQ(error_of([] { edits_of("append: secct.message"); }),
            "e.yaml:1: append: expected a mapping (path: value)");
}

TEST(EditList, IsApplied) {
  auto edited = shak();
  for (const auto& edit : edits_of("set: {secct.status: 102}\n"
                                   "repeat: sub_options\n"
                                   "append: {'sub_options#2': 0xaa}\n"
                                   "insert: {sub_options: {secct.subopt.type: pad1}}\n"
                                   "add: {secct.message: {raw: 0xbb}}\n")) {
    apply(edit, {}, edited, itself);
  }
  EXPECT_EQ(to_hex(built(edited)),
            "3b025e0b"
            "00"  // Pad1
            "05050066aa"
            "050400c8"
            "bb"
            "010700000000000000");
}

TEST(EditList, ResolvesVariablesInValuesOfSet) {
  auto edited = shak();
  const auto resolve = [](const std::string& text) {
    return std::vector<std::string>{text == "$status" ? "102" : text};
  };
  for (const auto& edit : edits_of("set: {secct.status: $status}"))
    apply(edit, {}, edited, resolve);
  EXPECT_EQ(to_hex(View(built(edited)).subspan(4)), "05040066");
}

TEST(EditList, ReportsValueThatIsNotHexadecimal) {
  auto edited = shak();
  EXPECT_EQ(error_of([&] { apply(edits_of("append: {sub_options: xy}")[0], {}, edited, itself); }),
            "append sub_options: expected hexadecimal octets, found 'xy'");
}

}  // namespace
}  // namespace secct::generator::test
