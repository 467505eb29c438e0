// SPDX-License-Identifier: GPL-2.0-or-later
// Writes a packet document packet by packet, so that a document of any length needs the memory of
// one packet.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"

namespace secct::generator {

enum class DocumentFormat : std::uint8_t { yaml, json };

class DocumentWriter {
 public:
  using Print = std::function<void(std::string_view)>;

  // `print` receives the text of the document, in parts.
  DocumentWriter(const CodePoints& codepoints, DocumentFormat format, Print print)
      : codepoints_(codepoints), format_(format), print_(std::move(print)) {}

  // Sets the link layer, the section and the interfaces of the document; before the first packet.
  // Otherwise the first packet determines the link layer: Ethernet if it has none.
  void set_header(Document header);
  void write(const PacketDocument& packet);
  // Writes the end of the document. A document without packets has the link layer Ethernet.
  void finish();

 private:
  void begin();

  CodePoints codepoints_;
  DocumentFormat format_;
  Print print_;
  Document header_;  // without packets
  bool has_header_ = false;
  bool has_begun_ = false;
  bool has_packets_ = false;
};

}  // namespace secct::generator
