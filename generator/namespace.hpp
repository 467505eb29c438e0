// SPDX-License-Identifier: GPL-2.0-or-later
// The folders that the generator is built on: it uses their names without qualification.
#pragma once

namespace secct::files {}
namespace secct::network {}
namespace secct::ipsec {}

namespace secct::generator {
using namespace files;
using namespace network;
using namespace ipsec;
}  // namespace secct::generator
