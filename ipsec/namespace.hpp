// SPDX-License-Identifier: GPL-2.0-or-later
// The folder that ipsec/ is built on: it uses its names without qualification.
#pragma once

namespace secct::network {}

namespace secct::ipsec {
using namespace network;
}  // namespace secct::ipsec
