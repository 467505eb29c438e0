// SPDX-License-Identifier: GPL-2.0-or-later
// Builds the octets of a packet from its document.
//
//   const auto file = read_document(load_yaml("packets.yaml"), "packets.yaml", {}, {});
//   for (const auto& packet : file.document.packets) {
//     const auto built = build(file.codepoints, file.keys, packet);
//     if (!built.faults.empty()) throw UsageError(built.faults[0].path + ": " +
//     built.faults[0].text); send(built.octets);
//   }
#pragma once

#include <string>
#include <vector>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

// A part of the document that cannot be built.
struct BuildFault {
  std::string path;  // "layers[2].secct.sa.spi"
  std::string text;  // what is wrong and what was expected
};

struct Built {
  Octets octets;  // the whole packet with its link layer; incomplete if there are faults
  std::vector<BuildFault> faults;
};

// Writes the fields of the document and computes all other ones: lengths, next headers, checksums,
// padding, tokens, ICVs, encryption. Tokens, ICVs and ESP need their key in `keys`. Fields with an
// invalid value are not faults: the packet contains the value.
Built build(const CodePoints& codepoints, const Keyring& keys, const PacketDocument& packet);

}  // namespace secct::generator
