// SPDX-License-Identifier: GPL-2.0-or-later
// A JSON Schema (draft 7) of packet documents, generated from the tables, for editors.
#pragma once

#include <nlohmann/json.hpp>

#include "generator/namespace.hpp"

namespace secct::generator {

nlohmann::ordered_json packet_document_schema();

}  // namespace secct::generator
