// SPDX-License-Identifier: GPL-2.0-or-later
// Hooks for AH and ESP. In the first pass they verify ICV and sequence number, and store the result
// with the frame; in each pass they decrypt ESP and dissect its payload.
#include "dissector/ipsec.hpp"

#include <algorithm>

#include "dissector/carriers.hpp"
#include "dissector/epan/envelope.hpp"
#include "dissector/epan/ipsec_header.hpp"
#include "dissector/epan/registry.hpp"
#include "dissector/epan/stock.hpp"
#include "dissector/keys/crypto.hpp"
#include "dissector/tracking/known_sas.hpp"
#include "dissector/tracking/statistics.hpp"

namespace secct::dissector {
namespace {

constexpr guint32 esp_protocol = 50;
constexpr guint32 ah_protocol = 51;
constexpr std::size_t esp_header_octets = 8;
constexpr std::size_t ah_fixed_octets = 12;
constexpr std::size_t trailer_octets = 2;  // pad length, next header
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

// Result of the first pass for one AH or ESP header. In file scope, stored with the frame.
struct CheckResult {
  KnownSa* sa = nullptr;
  std::uint8_t icv = 2;  // secct.icv.status: 0 bad, 1 good, 2 unverified
  bool replayed = false;
};

enum class Icv : std::uint8_t { bad, good, unverified };

// What esp_hook() passes to dissect_esp() as `data`.
struct DecryptedEsp {
  const CheckResult* result;
  const void* ip_header;
  tvbuff_t* plaintext;  // payload, padding, pad length, next header
  std::size_t iv;       // octets
  std::size_t icv;      // octets
  bool handled;         // set by dissect_esp(): the user has not disabled ESP
};

View octets_of(tvbuff_t* tvb) {
  const auto length = tvb_captured_length(tvb);
  return {tvb_get_ptr(tvb, 0, static_cast<gint>(length)), length};
}

std::size_t icv_length(const SaKeys& sa) { return sa.auth == AuthAlgorithm::none ? 0 : icv_octets; }

Icv verify_esp(tvbuff_t* tvb, const SaKeys& sa) {
  const auto octets = octets_of(tvb);
  if (sa.auth == AuthAlgorithm::none || octets.size() < esp_header_octets + icv_octets) {
    return Icv::unverified;
  }
  const auto expected = icv_of(sa.auth, sa.auth_key, octets.first(octets.size() - icv_octets));
  return std::ranges::equal(expected, octets.last(icv_octets)) ? Icv::good : Icv::bad;
}

Icv verify_ah(tvbuff_t* tvb, const packet_info* pinfo, const void* ip_header, const SaKeys& sa) {
  const auto input = ah_input(tvb, pinfo, ip_header);
  const auto octets = octets_of(tvb);
  if (input.empty() || sa.auth == AuthAlgorithm::none ||
      octets.size() < ah_fixed_octets + icv_octets) {
    return Icv::unverified;
  }
  const auto expected = icv_of(sa.auth, sa.auth_key, input);
  return std::ranges::equal(expected, octets.subspan(ah_fixed_octets, icv_octets)) ? Icv::good
                                                                                   : Icv::bad;
}

// Checks the header in the first pass, and returns the stored result in each pass. nullptr if the
// dissector does not have the keys of the SA.
const CheckResult* check_header(tvbuff_t* tvb, packet_info* pinfo, const void* ip_header,
                                const IpsecHeader& header) {
  const auto key = check_result_key + static_cast<guint32>(pinfo->curr_layer_num);
  auto* stored = p_get_proto_data(wmem_file_scope(), pinfo, registry().protocol, key);
  if (stored != nullptr) return static_cast<const CheckResult*>(stored);
  if (PINFO_FD_VISITED(pinfo) != 0 || known_sas().empty()) return nullptr;
  auto* sa = known_sas().find(header.esp, header.spi, header.source, header.destination);
  if (sa == nullptr) return nullptr;
  auto* result = wmem_new0(wmem_file_scope(), CheckResult);
  result->sa = sa;
  const auto icv =
      header.esp ? verify_esp(tvb, sa->keys) : verify_ah(tvb, pinfo, ip_header, sa->keys);
  result->icv = static_cast<std::uint8_t>(icv);
  // A packet with a bad ICV must not advance the replay window (RFC 2402 section 3.4.3).
  if (icv != Icv::bad) result->replayed = !sa->window.accept(header.sequence);
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
      tvb_captured_length(tvb) < static_cast<guint>(at) + esp_header_octets) {
    return false;
  }
  header = {pinfo->num, esp,         false, tvb_get_ntohl(tvb, at), tvb_get_ntohl(tvb, at + 4),
            *source,    *destination};
  return true;
}

void add_expert(Finding finding, packet_info* pinfo, proto_item* item) {
  show_finding(finding, pinfo, item);
  count_finding(finding, pinfo);
}

// Adds the result as a subtree before the header.
void show_result(const CheckResult& result, const IpsecHeader& header, tvbuff_t* tvb,
                 packet_info* pinfo, proto_tree* tree) {
  const auto& ids = registry();
  proto_item* item = nullptr;
  auto* below = proto_tree_add_subtree_format(tree, tvb, 0, static_cast<gint>(esp_header_octets),
                                              fields.ett, &item, "%s with known keys, SPI 0x%08x",
                                              header.esp ? "ESP" : "AH", header.spi);
  proto_item_set_generated(item);
  auto* status = proto_tree_add_uint(below, ids.icv_status, tvb, 0, 0, result.icv);
  proto_item_set_generated(status);
  if (result.sa->learnt_in != 0) {
    proto_item_set_generated(
        proto_tree_add_uint(below, ids.learnt_in, tvb, 0, 0, result.sa->learnt_in));
  }
  if (result.icv == static_cast<std::uint8_t>(Icv::bad)) {
    add_expert(Finding::icv_bad, pinfo, status);
  }
  if (result.replayed) add_expert(Finding::sequence_replayed, pinfo, item);
}

// --- ESP
// True if the plaintext ends with the padding of RFC 2406 section 2.4. Without an ICV, this is the
// only sign of a correct key.
bool is_padded(View text) {
  if (text.size() < trailer_octets) return false;
  const std::size_t pad = text[text.size() - trailer_octets];
  if (pad + trailer_octets > text.size()) return false;
  const auto padding = text.subspan(text.size() - trailer_octets - pad, pad);
  for (std::size_t i = 0; i < pad; ++i) {
    if (padding[i] != i + 1) return false;
  }
  return true;
}

bool decrypt_esp(tvbuff_t* tvb, packet_info* pinfo, const CheckResult& result,
                 DecryptedEsp& decrypted) {
  const auto& sa = result.sa->keys;
  const auto octets = octets_of(tvb);
  decrypted.iv = sa.cipher == Cipher::null ? 0 : block_octets(sa.cipher);
  decrypted.icv = icv_length(sa);
  if (result.icv == static_cast<std::uint8_t>(Icv::bad)) return false;
  if (octets.size() < esp_header_octets + decrypted.iv + trailer_octets + decrypted.icv) {
    return false;
  }
  const auto covered =
      octets.subspan(esp_header_octets, octets.size() - esp_header_octets - decrypted.icv);
  const auto iv = covered.first(decrypted.iv);
  const auto ciphertext = covered.subspan(decrypted.iv);
  auto* plaintext = static_cast<std::uint8_t*>(wmem_alloc(pinfo->pool, ciphertext.size()));
  if (!decrypt(sa.cipher, sa.cipher_key, iv, ciphertext, plaintext)) return false;
  if (!is_padded({plaintext, ciphertext.size()})) return false;
  decrypted.plaintext = tvb_new_child_real_data(
      tvb, plaintext, static_cast<guint>(ciphertext.size()), static_cast<gint>(ciphertext.size()));
  return true;
}

void dissect_payload(tvbuff_t* payload, packet_info* pinfo, proto_tree* tree, std::uint8_t next,
                     const void* ip_header) {
  const auto saved = pinfo->match_uint;
  pinfo->match_uint = next;
  if (dissector_try_uint_new(ip_protocols, next, payload, pinfo, tree, TRUE,
                             const_cast<void*>(ip_header)) == 0) {
    call_dissector(data_handle, payload, pinfo, tree);
  }
  pinfo->match_uint = saved;
}

int dissect_esp(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* data) noexcept {
  auto& decrypted = *static_cast<DecryptedEsp*>(data);
  decrypted.handled = true;
  const auto length = static_cast<gint>(tvb_captured_length(tvb));
  col_set_str(pinfo->cinfo, COL_PROTOCOL, "ESP");
  col_add_fstr(pinfo->cinfo, COL_INFO, "ESP (SPI=0x%08x)", tvb_get_ntohl(tvb, 0));
  auto* item = proto_tree_add_item(tree, stock_esp.protocol(), tvb, 0, -1, ENC_NA);
  auto* below = proto_item_add_subtree(item, fields.ett);
  proto_tree_add_item(below, fields.spi, tvb, 0, 4, ENC_BIG_ENDIAN);
  proto_tree_add_item(below, fields.sequence, tvb, 4, 4, ENC_BIG_ENDIAN);
  const auto iv = static_cast<gint>(decrypted.iv);
  if (iv > 0) proto_tree_add_item(below, fields.iv, tvb, esp_header_octets, iv, ENC_NA);
  add_new_data_source(pinfo, decrypted.plaintext, "Decrypted ESP");
  const auto end = static_cast<gint>(tvb_captured_length(decrypted.plaintext));
  const auto pad = tvb_get_guint8(decrypted.plaintext, end - 2);
  const auto next = tvb_get_guint8(decrypted.plaintext, end - 1);
  const auto payload = end - 2 - pad;
  if (pad > 0) proto_tree_add_item(below, fields.pad, decrypted.plaintext, payload, pad, ENC_NA);
  proto_tree_add_item(below, fields.pad_length, decrypted.plaintext, end - 2, 1, ENC_BIG_ENDIAN);
  proto_tree_add_item(below, fields.next, decrypted.plaintext, end - 1, 1, ENC_BIG_ENDIAN);
  const auto icv = static_cast<gint>(decrypted.icv);
  if (icv > 0) proto_tree_add_item(below, fields.icv, tvb, length - icv, icv, ENC_NA);
  dissect_payload(tvb_new_subset_length(decrypted.plaintext, 0, payload), pinfo, tree, next,
                  decrypted.ip_header);
  return length;
}

int esp_hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* ip_header) noexcept {
  IpsecHeader header;
  if (!read_header(tvb, pinfo, true, header)) return stock_esp.call(tvb, pinfo, tree, ip_header);
  const auto* result =
      is_complete(tvb, pinfo) ? check_header(tvb, pinfo, ip_header, header) : nullptr;
  header.has_keys = result != nullptr;
  set_ipsec_header(header);
  if (result == nullptr) return stock_esp.call(tvb, pinfo, tree, ip_header);
  show_result(*result, header, tvb, pinfo, tree);
  DecryptedEsp decrypted{result, ip_header, nullptr, 0, 0, false};
  if (!decrypt_esp(tvb, pinfo, *result, decrypted)) {
    return stock_esp.call(tvb, pinfo, tree, ip_header);
  }
  pinfo->can_desegment = pinfo->saved_can_desegment;
  const int length = call_dissector_only(esp_handle, tvb, pinfo, tree, &decrypted);
  // If the user has disabled ESP, the stock dissector shows it as data.
  return decrypted.handled ? length : stock_esp.call(tvb, pinfo, tree, ip_header);
}

int ah_hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* ip_header) noexcept {
  IpsecHeader header;
  if (!read_header(tvb, pinfo, false, header)) return stock_ah.call(tvb, pinfo, tree, ip_header);
  const auto* result =
      is_complete(tvb, pinfo) ? check_header(tvb, pinfo, ip_header, header) : nullptr;
  header.has_keys = result != nullptr;
  set_ipsec_header(header);
  if (result != nullptr) show_result(*result, header, tvb, pinfo, tree);
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
