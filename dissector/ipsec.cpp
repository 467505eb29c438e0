// SPDX-License-Identifier: GPL-2.0-or-later
// Hooks for AH and ESP. In the first pass they verify ICV and sequence number, and store the result
// with the frame; in each pass they decrypt ESP and dissect its payload.
#include "dissector/ipsec.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "dissector/epan/envelope.hpp"
#include "dissector/epan/ipsec_header.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/epan/stock.hpp"
#include "dissector/ipsec_datagram.hpp"
#include "dissector/keys/keys.hpp"
#include "dissector/tracking/statistics.hpp"
#include "dissector/tracking/track.hpp"
#include "ipsec/ah.hpp"
#include "ipsec/crypto.hpp"
#include "ipsec/esp.hpp"
#include "network/final_addresses.hpp"

namespace secct::dissector {
namespace {

constexpr auto esp_protocol = network::ip_proto::esp;
constexpr auto ah_protocol = network::ip_proto::ah;
// Keys of the per-frame data: this plus the layer number. Tracking results use layer numbers alone.
constexpr guint32 check_result_key = 0x10000;

Stock stock_esp;
Stock stock_ah;
dissector_handle_t esp_handle = nullptr;  // dissect_esp(), with the layer of ESP
dissector_table_t ip_protocols = nullptr;
dissector_handle_t data_handle = nullptr;

struct {
  int spi;
  int sequence;
  int iv;
  int pad;
  int pad_length;
  int next;
  int icv;
  int ett = -1;
} fields;

using conversation::KnownSa;
using State = conversation::IpsecHeader::State;

// What is known of one AH or ESP header. In file scope, stored with the frame.
struct CheckResult {
  std::uint8_t icv_status = 2;  // secct.icv.status: 0 bad, 1 good, 2 unverified
  std::uint32_t learned_in = 0;
  std::uint64_t copy_of = 0;
  std::array<RuleId, 4> rules{RuleId::count, RuleId::count, RuleId::count, RuleId::count};
};

// A header that is dissected now.
struct CheckedHeader {
  const KnownSa* sa = nullptr;  // nullptr: the dissector does not have the keys
  guint32 unused_sa = 0;        // without keys: the frame that handed over the SA, or 0
  const CheckResult* result = nullptr;
  ipsec::DecryptedEsp esp;
};

// What esp_hook() passes to dissect_esp() as `data`.
struct DecryptedPacket {
  const ipsec::DecryptedEsp* esp;
  const void* ip_header;
  tvbuff_t* plaintext;  // payload, padding, pad length, next header
  bool handled;         // set by dissect_esp(): the user has not disabled ESP
};

View octets_of(tvbuff_t* tvb) {
  const auto length = tvb_captured_length(tvb);
  return {tvb_get_ptr(tvb, 0, static_cast<gint>(length)), length};
}

State verify_ah(const std::optional<IpsecDatagram>& datagram, const ipsec::Sa& sa) {
  if (!datagram) return State::unverified;
  const auto state =
      conversation::state_of(ipsec::verify_ah(datagram->octets, datagram->ipsec_offset, sa));
  return state == State::bad_icv && !datagram->has_all_headers ? State::unverified : state;
}

std::uint8_t icv_status(State state) {
  constexpr std::uint8_t bad = 0;
  constexpr std::uint8_t good = 1;
  constexpr std::uint8_t unverified = 2;
  if (state == State::bad_icv) return bad;
  return state == State::good || state == State::bad_padding ? good : unverified;
}

// Judges the header when it is seen for the first time. ESP before the message that hands over its
// SA is decrypted from the second pass on; its sequence number is not judged.
const CheckResult* check(packet_info* pinfo, const IpsecHeader& header, const KnownSa& known) {
  const auto key = check_result_key + static_cast<guint32>(pinfo->curr_layer_num);
  auto* stored = p_get_proto_data(wmem_file_scope(), pinfo, registry().protocol, key);
  if (stored != nullptr) return static_cast<const CheckResult*>(stored);
  auto* result = new (wmem_alloc(wmem_file_scope(), sizeof(CheckResult))) CheckResult;
  result->icv_status = icv_status(header.fields.state);
  result->learned_in = static_cast<std::uint32_t>(known.learned_in);
  if (PINFO_FD_VISITED(pinfo) == 0) {
    std::vector<conversation::Violation> broken;
    result->copy_of =
        sequence_numbers().judge(header.fields, pinfo->num, time_of(pinfo),
                                 known.is_relocated ? &known.window : nullptr, broken);
    for (std::size_t i = 0; i < std::min(broken.size(), result->rules.size()); ++i) {
      result->rules[i] = broken[i].rule;
    }
  }
  p_add_proto_data(wmem_file_scope(), pinfo, registry().protocol, key, result);
  return result;
}

bool is_complete(tvbuff_t* tvb, const packet_info* pinfo) {
  return pinfo->flags.in_error_pkt == 0 && pinfo->fragmented == FALSE &&
         tvb_captured_length(tvb) == tvb_reported_length(tvb);
}

bool read_header(tvbuff_t* tvb, const packet_info* pinfo, bool esp, IpsecHeader& header) {
  const gint at = esp ? 0 : 4;
  const auto source = address_from(pinfo->net_src);
  const auto destination = address_from(pinfo->net_dst);
  if (!is_protocol_enabled() || pinfo->flags.in_error_pkt != 0 || !source || !destination ||
      tvb_captured_length(tvb) < static_cast<guint>(at) + network::esp_fixed_octets) {
    return false;
  }
  header.frame = pinfo->num;
  auto& parsed = header.fields;
  parsed.protocol = esp ? ipsec::IpsecProtocol::esp : ipsec::IpsecProtocol::ah;
  parsed.spi = tvb_get_ntohl(tvb, at);
  parsed.sequence = tvb_get_ntohl(tvb, at + 4);
  parsed.source = *source;
  parsed.destination = *destination;
  const auto octets = octets_of(tvb);
  const auto end =
      esp ? octets.size() : std::min(octets.size(), network::ah_fixed_octets + ipsec::icv_octets);
  parsed.icv = octets.first(end).last(std::min(end, ipsec::icv_octets));
  return true;
}

// Whether other headers, or the options of an IPv4 packet with AH, may change the addresses by
// which the SA is found.
bool ends_may_differ(void* ip_header, bool esp) {
  const auto* ip = WS_IP6_PTR(ip_header);
  if (ip == nullptr) return !esp;
  return ip->ip6_nxt != (esp ? esp_protocol : ah_protocol);
}

// The addresses by which the SA is found.
void set_ends(conversation::IpsecHeader& header, const IpsecDatagram& datagram) {
  const auto parsed = network::parse_partial_datagram(datagram.octets);
  if (!parsed) return;
  const auto ends = network::final_addresses(*parsed);
  header.source = ends.source;
  header.destination = ends.destination;
}

// Reads the header, and verifies it if the dissector has the keys. Sets ipsec_header().
std::optional<CheckedHeader> check_header(tvbuff_t* tvb, packet_info* pinfo, void* ip_header,
                                          bool esp) {
  IpsecHeader header;
  if (!read_header(tvb, pinfo, esp, header)) return std::nullopt;
  CheckedHeader checked;
  auto& parsed = header.fields;
  const bool complete = is_complete(tvb, pinfo);
  std::optional<IpsecDatagram> datagram;
  const auto find_datagram = [&] {
    if (!datagram) {
      datagram = ipsec_datagram(tvb, pinfo, ip_header, esp ? esp_protocol : ah_protocol);
    }
  };
  if (complete && !known_sas().empty()) {
    if (ends_may_differ(ip_header, esp)) find_datagram();
    if (datagram) set_ends(parsed, *datagram);
    checked.sa = known_sas().find(parsed.protocol, parsed.spi, parsed.source, parsed.destination);
  }
  if (checked.sa != nullptr && checked.sa->learned_in != 0 && !learn_sas()) {
    checked.unused_sa = static_cast<guint32>(checked.sa->learned_in);
    checked.sa = nullptr;
  }
  if (checked.sa != nullptr) {
    const auto& sa = checked.sa->sa;
    if (esp) {
      checked.esp = ipsec::decrypt_esp(octets_of(tvb), sa);
      parsed.state = conversation::state_of(checked.esp, sa);
      parsed.iv = checked.esp.iv;
    } else {
      find_datagram();
      parsed.state = verify_ah(datagram, sa);
    }
    checked.result = check(pinfo, header, *checked.sa);
    header.has_keys = true;
    header.copy_of = checked.result->copy_of;
  } else if (esp && PINFO_FD_VISITED(pinfo) == 0) {
    track_hidden(parsed.source, parsed.destination);
  }
  set_ipsec_header(header);
  return checked;
}

// Adds the result as a subtree before the header.
void show_result(const CheckResult& result, const IpsecHeader& header, tvbuff_t* tvb,
                 packet_info* pinfo, proto_tree* tree) {
  const auto& ids = registry();
  const bool esp = header.fields.protocol == ipsec::IpsecProtocol::esp;
  auto* item = proto_tree_add_none_format(
      tree, ids.ipsec, tvb, 0, static_cast<gint>(network::esp_fixed_octets),
      "%s with known keys, SPI 0x%08x", esp ? "ESP" : "AH", header.fields.spi);
  proto_item_set_generated(item);
  auto* below = proto_item_add_subtree(item, fields.ett);
  auto* status = proto_tree_add_uint(below, ids.icv_status, tvb, 0, 0, result.icv_status);
  proto_item_set_generated(status);
  if (result.learned_in != 0) {
    proto_item_set_generated(
        proto_tree_add_uint(below, ids.learnt_in, tvb, 0, 0, result.learned_in));
  }
  for (const auto rule : result.rules) {
    if (rule == RuleId::count) break;
    show_rule({rule}, pinfo, rule == RuleId::icv_bad ? status : item);
    count_rule(rule, pinfo);
  }
}

// Says that a preference would verify and decrypt this packet.
void show_unused_sa(guint32 frame, tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree) {
  const auto& ids = registry();
  const auto* text =
      wmem_strdup_printf(pinfo->pool, "SA handed over in frame %u; enable '%s' (secct.learn_sas)",
                         frame, learn_sas_title);
  auto* item = proto_tree_add_uint_format(tree, ids.handed_over_in, tvb, 0, 0, frame, "%s", text);
  proto_item_set_generated(item);
  auto expert = ids.sa_unused;
  expert_add_info_format(pinfo, item, &expert, "%s", text);
}

// --- ESP
void dissect_payload(tvbuff_t* payload, packet_info* pinfo, proto_tree* tree, std::uint8_t next,
                     const void* ip_header) {
  const auto saved = pinfo->match_uint;
  pinfo->match_uint = next;
  if (try_dissector(ip_protocols, next, payload, pinfo, tree, true, const_cast<void*>(ip_header)) ==
      0) {
    call_dissector(data_handle, payload, pinfo, tree);
  }
  pinfo->match_uint = saved;
}

int dissect_esp(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  auto& packet = *static_cast<DecryptedPacket*>(data);
  const auto& esp = *packet.esp;
  packet.handled = true;
  const auto length = static_cast<gint>(tvb_captured_length(tvb));
  col_set_str(pinfo->cinfo, COL_PROTOCOL, "ESP");
  col_add_fstr(pinfo->cinfo, COL_INFO, "ESP (SPI=0x%08x)", tvb_get_ntohl(tvb, 0));
  auto* item = proto_tree_add_item(tree, stock_esp.protocol(), tvb, 0, -1, ENC_NA);
  auto* below = proto_item_add_subtree(item, fields.ett);
  proto_tree_add_item(below, fields.spi, tvb, 0, 4, ENC_BIG_ENDIAN);
  proto_tree_add_item(below, fields.sequence, tvb, 4, 4, ENC_BIG_ENDIAN);
  const auto iv = static_cast<gint>(esp.iv.size());
  const auto header = static_cast<gint>(network::esp_fixed_octets);
  if (iv > 0) proto_tree_add_item(below, fields.iv, tvb, header, iv, ENC_NA);
  auto* plaintext = packet.plaintext;
  add_new_data_source(pinfo, plaintext, "Decrypted ESP");
  const auto end = static_cast<gint>(tvb_captured_length(plaintext));
  const auto payload = static_cast<gint>(esp.payload_octets);
  if (esp.pad > 0) {
    proto_tree_add_item(below, fields.pad, plaintext, payload, esp.pad, ENC_NA);
  }
  proto_tree_add_item(below, fields.pad_length, plaintext, end - 2, 1, ENC_BIG_ENDIAN);
  proto_tree_add_item(below, fields.next, plaintext, end - 1, 1, ENC_BIG_ENDIAN);
  const auto icv = static_cast<gint>(esp.icv.size());
  if (icv > 0) proto_tree_add_item(below, fields.icv, tvb, length - icv, icv, ENC_NA);
  dissect_payload(tvb_new_subset_length(plaintext, 0, payload), pinfo, tree, esp.next,
                  packet.ip_header);
  return length;
}

int esp_hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* ip_header) noexcept {
  const auto checked = check_header(tvb, pinfo, ip_header, true);
  if (checked && checked->unused_sa != 0) show_unused_sa(checked->unused_sa, tvb, pinfo, tree);
  if (!checked || checked->sa == nullptr) return stock_esp.call(tvb, pinfo, tree, ip_header);
  show_result(*checked->result, *ipsec_header(pinfo), tvb, pinfo, tree);
  if (!conversation::is_decrypted(checked->esp, checked->sa->sa)) {
    return stock_esp.call(tvb, pinfo, tree, ip_header);
  }
  const auto size = static_cast<guint>(checked->esp.plaintext.size());
  const auto* copy =
      static_cast<const guint8*>(wmem_memdup(pinfo->pool, checked->esp.plaintext.data(), size));
  auto* plaintext = tvb_new_child_real_data(tvb, copy, size, static_cast<gint>(size));
  DecryptedPacket packet{&checked->esp, ip_header, plaintext, false};
  pinfo->can_desegment = pinfo->saved_can_desegment;
  const int length = call_dissector_only(esp_handle, tvb, pinfo, tree, &packet);
  // If the user has disabled ESP, the stock dissector shows it as data.
  return packet.handled ? length : stock_esp.call(tvb, pinfo, tree, ip_header);
}

int ah_hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* ip_header) noexcept {
  const auto checked = check_header(tvb, pinfo, ip_header, false);
  if (checked && checked->unused_sa != 0) show_unused_sa(checked->unused_sa, tvb, pinfo, tree);
  if (checked && checked->sa != nullptr) {
    show_result(*checked->result, *ipsec_header(pinfo), tvb, pinfo, tree);
  }
  return stock_ah.call(tvb, pinfo, tree, ip_header);
}

}  // namespace

void announce_ipsec() {
  stock_esp.announce("esp", "ESP with SecCT keys", "ESP with SecCT", "secct_esp");
  stock_ah.announce("ah", "AH with SecCT keys", "AH with SecCT", "secct_ah");
  static gint* subtrees[] = {&fields.ett};
  proto_register_subtree_array(subtrees, 1);
}

void hook_ipsec() {
  fields.spi = proto_registrar_get_id_byname("esp.spi");
  fields.sequence = proto_registrar_get_id_byname("esp.sequence");
  fields.iv = proto_registrar_get_id_byname("esp.iv");
  fields.pad = proto_registrar_get_id_byname("esp.pad");
  fields.pad_length = proto_registrar_get_id_byname("esp.pad_len");
  fields.next = proto_registrar_get_id_byname("esp.protocol");
  fields.icv = proto_registrar_get_id_byname("esp.icv");
  ip_protocols = find_dissector_table("ip.proto");
  data_handle = find_dissector("data");
  esp_handle = create_dissector_handle(dissect_esp, stock_esp.protocol());
  stock_esp.replace("ip.proto", esp_protocol, esp_hook);
  stock_ah.replace("ip.proto", ah_protocol, ah_hook);
}

}  // namespace secct::dissector
