// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/malformed/inject.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "generator/malformed/verify_single_fault.hpp"
#include "generator/packet/build.hpp"

namespace secct::generator {
namespace {

using H = HeaderField;
using K = LayerKind;

constexpr std::uint64_t replay_gap = 100'000;  // nanoseconds between a packet and its replay

struct NumberFields {
  K layer;
  H spi;
  H sequence;
};
constexpr NumberFields numbered_headers[] = {{K::ah, H::ah_spi, H::ah_sequence},
                                             {K::esp, H::esp_spi, H::esp_sequence}};

// Calls `each` for every AH and ESP header that has an SPI and a sequence number.
template <class Each>
void each_number(PacketDocument& packet, Each each) {
  for (auto& layer : packet.layers) {
    for (const auto& fields : numbered_headers) {
      const auto spi = layer.number(fields.spi);
      const auto sequence = layer.number(fields.sequence);
      if (layer.kind == fields.layer && spi && sequence) {
        each(layer, fields, static_cast<std::uint32_t>(*spi),
             static_cast<std::uint32_t>(*sequence));
      }
    }
  }
}

}  // namespace

std::string message_name(const PacketDocument& packet) {
  const auto* message = packet.message();
  const auto* number = message != nullptr ? message->find(Field::message) : nullptr;
  if (number == nullptr) return {};
  const bool is_reply = packet.find(K::mip_reply) != nullptr;
  const auto found = message_of_number(
      number->number().value_or(0), is_reply ? std::optional(Carrier::mip4_reply) : std::nullopt);
  return found ? std::string(message_info(*found).name) : std::string();
}

void Injector::shift_numbers(PacketDocument& packet) const {
  each_number(packet, [&](Layer& layer, const NumberFields& fields, std::uint32_t spi,
                          std::uint32_t sequence) {
    const auto used = used_.find(spi);
    if (used != used_.end()) layer.set(fields.sequence, std::uint64_t{sequence + used->second});
  });
}

std::vector<PacketDocument> Injector::add(PacketDocument packet, std::uint32_t mobile_node,
                                          Keyring& keys) {
  shift_numbers(packet);
  std::vector<PacketDocument> all;
  auto entry = done_.contains(mobile_node) ? std::nullopt : pick_(mobile_node, packet, keys);
  if (entry) {
    done_.insert(mobile_node);
    try {
      all = with_malformed(*entry, packet, mobile_node, keys);
    } catch (const UsageError&) {
      // All entries fit the SAs of the built-in description, but not those of all scenarios.
      if (unfit_ == Unfit::refuse) throw;
    }
  }
  if (all.empty()) all.push_back(std::move(packet));
  last_ = all.back().time;
  return all;
}

std::vector<PacketDocument> Injector::with_malformed(const Malformed& entry,
                                                     const PacketDocument& packet,
                                                     std::uint32_t mobile_node, Keyring& keys) {
  Counters counters;
  const auto* identifier = packet.message()->find(Field::identifier);
  const auto number = identifier != nullptr ? identifier->number().value_or(1) : 1;
  Handover handover(description_, Role::nr, mobile_node, static_cast<std::uint16_t>(number),
                    counters);
  const auto variables = handover_variables(handover);
  auto twin = packet;
  if (message_name(packet) != entry.message) {
    // shrep-status instead of shrep: it takes the sequence number of the SHREP.
    twin = *handover.by_name(entry.message);
    each_number(twin, [&](Layer& layer, const NumberFields& fields, std::uint32_t, std::uint32_t) {
      const auto* same = packet.find(layer.kind);
      if (same != nullptr) layer.set(fields.sequence, *same->number(fields.sequence));
    });
  }
  make_twin(entry, description_.codepoints, variables, keys, twin);
  // The scenario does not count the sequence numbers of an SA that only the twin uses.
  each_number(twin,
              [&](Layer& layer, const NumberFields& fields, std::uint32_t spi, std::uint32_t) {
                if (packet.find(layer.kind) != nullptr) return;
                layer.set(fields.sequence, std::uint64_t{++used_[spi]});
              });
  auto faulty = malform(entry, description_.codepoints, variables, twin, keys);
  const auto wrong = entry.random
                         ? std::string()
                         : verify_single_fault(entry, description_.codepoints, keys, twin, faulty);
  if (!wrong.empty()) throw UsageError(fmt::format("{}: {}", entry.name, wrong));
  const auto text = comment(entry);
  std::vector<PacketDocument> all;
  if (entry.twice) {
    const bool is_twin = !entry.twin.empty();
    all.push_back(is_twin ? twin : packet);
    all.back().time = packet.time;
    for (auto& again : faulty) {
      again.time = packet.time + replay_gap;
      again.set_comment(text);
      all.push_back(std::move(again));
    }
    if (is_twin) {
      all.front().set_comment(fmt::format("the packet that is replayed: {}", packet.comment()));
      all.push_back(packet);
      all.back().time += 2 * replay_gap;
    }
    return all;
  }
  auto time = last_ == 0 ? packet.time : last_ + (packet.time - last_) / 2;
  for (auto& document : faulty) {
    document.time = time++;
    document.set_comment(text);
    all.push_back(std::move(document));
  }
  // The malformed packet has taken the sequence number of the valid one.
  auto valid = packet;
  each_number(valid, [&](Layer& layer, const NumberFields& fields, std::uint32_t spi,
                         std::uint32_t sequence) {
    ++used_[spi];
    layer.set(fields.sequence, std::uint64_t{sequence + 1});
  });
  all.push_back(std::move(valid));
  return all;
}

bool fits(const Malformed& entry, const std::set<std::string>& messages) {
  const auto replaced = message_info(*Handover::message_of(entry.message)).name;
  return messages.contains(entry.message) || messages.contains(std::string(replaced));
}

std::vector<Malformed> malformed_of(const std::set<std::string>& messages) {
  std::vector<Malformed> found;
  for (const auto& entry : malformed()) {
    if (fits(entry, messages)) found.push_back(entry);
  }
  return found;
}

PickMalformed pick_each(std::vector<Malformed> entries) {
  return [entries = std::move(entries)](std::uint32_t mobile_node, const PacketDocument& packet,
                                        const Keyring&) -> std::optional<Malformed> {
    if (mobile_node == 0 || mobile_node > entries.size()) return std::nullopt;
    const auto& entry = entries[mobile_node - 1];
    if (!fits(entry, {message_name(packet)})) return std::nullopt;
    return entry;
  };
}

PickMalformed pick_one(Malformed entry) {
  return [entry = std::move(entry)](std::uint32_t, const PacketDocument& packet,
                                    const Keyring&) -> std::optional<Malformed> {
    if (!fits(entry, {message_name(packet)})) return std::nullopt;
    return entry;
  };
}

bool MalformedScenario::next() {
  if (!packets_.empty()) packets_.pop_front();
  if (!packets_.empty()) return true;
  if (!run_.next()) return false;
  auto valid = run_.document(&keys_);
  for (auto& packet : injector_.add(std::move(valid), run_.mobile_node(), keys_)) {
    packets_.push_back(std::move(packet));
  }
  return true;
}

Octets MalformedScenario::octets() const {
  auto built = build(codepoints_, keys_, document());
  if (!built.faults.empty()) {
    const auto& fault = built.faults.front();
    throw UsageError(fmt::format("{}: {}: {}", comment(), fault.path, fault.text));
  }
  return std::move(built.octets);
}

}  // namespace secct::generator
