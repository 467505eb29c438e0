// SPDX-License-Identifier: GPL-2.0-or-later
// The folders that the program is built on: it uses their names without qualification.
#pragma once

#include "replay/namespace.hpp"

namespace secct::cli {
using namespace files;
using namespace network;
using namespace ipsec;
using namespace generator;
using namespace replay;
}  // namespace secct::cli
