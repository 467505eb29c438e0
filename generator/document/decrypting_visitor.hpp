// SPDX-License-Identifier: GPL-2.0-or-later
// A visitor of FrameWalker that decrypts ESP with the keys of a Keyring.
#pragma once

#include "generator/document/document.hpp"
#include "generator/namespace.hpp"
#include "network/frame_walker.hpp"

namespace secct::generator {

class DecryptingVisitor : public FrameVisitor {
 public:
  // `keys` must outlive the visitor.
  explicit DecryptingVisitor(const Keyring& keys) : keys_(keys) {}

  std::optional<std::uint8_t> on_esp(const FrameDatagram& in, const Header& header,
                                     Octets& payload) override;

 private:
  const Keyring& keys_;
};

}  // namespace secct::generator
