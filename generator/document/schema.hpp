// SPDX-License-Identifier: GPL-2.0-or-later
// A JSON Schema (draft 7) of packet documents, made from the tables: editors complete and check
// with it. docs/packet-document.schema.json is what it says.
#pragma once

#include <nlohmann/json.hpp>

#include "generator/namespace.hpp"

namespace secct::generator {

nlohmann::ordered_json packet_document_schema();

}  // namespace secct::generator
