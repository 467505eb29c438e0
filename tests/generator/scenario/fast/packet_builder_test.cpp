// SPDX-License-Identifier: GPL-2.0-or-later
// The packet builder: when it uses a template, and when it builds from the document.
#include "generator/scenario/fast/packet_builder.hpp"

#include <gtest/gtest.h>

#include "generator/scenario/fast/packet_inputs.hpp"
#include "tests/generator/support.hpp"

namespace secct::generator::test {
namespace {

// Packets without seals: the Identifier, and the last two octets of Paddr.
Octets packet_of(const PacketInputs& inputs) {
  Octets octets;
  append_number(octets, inputs.identifier, 2);
  append(octets, View(inputs.node.paddr).last(2));
  return octets;
}

std::unique_ptr<PacketBuilder> builder_for(const PacketBuilder::LayOut& lay_out) {
  return make_packet_builder(
      description(), 2,
      [](PacketInputs& inputs, std::uint32_t handover) {
        inputs.identifier = static_cast<std::uint16_t>(0x100 + handover);
      },
      lay_out);
}

UnsealedPacket unsealed(Octets octets) { return {std::move(octets), {}, {}}; }

TEST(PacketBuilder, BuildsFromTheDocumentOncePerStepWithATemplate) {
  const auto builder = builder_for([](const PacketInputs& inputs, std::size_t, Keyring&) {
    return unsealed(packet_of(inputs));
  });
  int documents = 0;
  const auto build = [&](std::uint32_t step, std::uint32_t handover, std::uint32_t slot) {
    return to_hex(builder->build({step, handover, slot, 0}, [&] {
      ++documents;
      return octets("01000001");
    }));
  };
  EXPECT_FALSE(builder->has_template(0));
  EXPECT_EQ(build(0, 0, 0), "01000001");
  EXPECT_EQ(build(1, 0, 0), "01000001");
  EXPECT_EQ(documents, 2);
  EXPECT_EQ(build(0, 1, 1), "01010002");
  EXPECT_EQ(build(0, 2, 0), "01020003");  // reuses a slot
  EXPECT_EQ(build(1, 1, 1), "01010002");
  EXPECT_EQ(documents, 2);
  EXPECT_TRUE(builder->has_template(0));
}

TEST(PacketBuilder, DropsATemplateThatDiffersFromTheDocument) {
  const auto builder = builder_for([](const PacketInputs& inputs, std::size_t, Keyring&) {
    return unsealed(packet_of(inputs));
  });
  for (std::uint32_t handover = 0; handover < 2; ++handover) {
    EXPECT_EQ(builder->build({0, handover, 0, 0}, [] { return octets("ff"); }), octets("ff"));
    EXPECT_FALSE(builder->has_template(0));
  }
  EXPECT_TRUE(builder->has_template(1));
}

TEST(PacketBuilder, HasNoTemplateForFaultsAndComputedOctets) {
  const auto builder =
      builder_for([](const PacketInputs& inputs, std::size_t step, Keyring&) -> UnsealedPacket {
        if (step == 0) return {packet_of(inputs), {}, {{"path", "text"}}};
        return unsealed({static_cast<std::uint8_t>(inputs.identifier + 1)});
      });
  for (std::uint32_t step = 0; step < 2; ++step) {
    EXPECT_EQ(builder->build({step, 0, 0, 0}, [] { return octets("ff"); }), octets("ff"));
    EXPECT_FALSE(builder->has_template(step));
  }
}

TEST(PacketBuilder, PassesExceptionsOfTheDocumentThrough) {
  const auto builder =
      builder_for([](const PacketInputs&, std::size_t, Keyring&) -> UnsealedPacket {
        return {{}, {}, {{}}};
      });
  EXPECT_EQ(error_of([&] {
              builder->build({0, 0, 0, 0}, []() -> Octets { throw UsageError("wrong"); });
            }),
            "wrong");
}

TEST(PacketInputs, AreUnchangedByWritingAndReading) {
  PacketInputs inputs;
  inputs.router_number = 0x01020304;
  inputs.identifier = 0x0506;
  inputs.recomputed_spi = 0x0708090a;
  inputs.node = description().mobile_node(1, Role::nr);
  Octets values;
  write_values(inputs, values);
  EXPECT_EQ(to_hex(View(values).first(10)), "0102030405060708090a");

  PacketInputs other;
  other.node = description().mobile_node(2, Role::nr);
  read_values(other, values);
  EXPECT_EQ(other.router_number, inputs.router_number);
  EXPECT_EQ(other.identifier, inputs.identifier);
  EXPECT_EQ(other.recomputed_spi, inputs.recomputed_spi);
  EXPECT_EQ(other.node.paddr, inputs.node.paddr);
  EXPECT_EQ(other.node.lla, inputs.node.lla);
  for (std::size_t i = 0; i < inputs.node.sas.size(); ++i) {
    EXPECT_EQ(other.node.sas[i].context.spi, inputs.node.sas[i].context.spi);
    EXPECT_EQ(other.node.sas[i].context.key, inputs.node.sas[i].context.key);
  }
}

}  // namespace
}  // namespace secct::generator::test
