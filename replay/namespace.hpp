// SPDX-License-Identifier: GPL-2.0-or-later
// The folders that the replayer is built on: it uses their names without qualification.
#pragma once

#include "generator/namespace.hpp"

namespace secct::replay {
using namespace files;
using namespace network;
using namespace ipsec;
using namespace generator;
}  // namespace secct::replay
