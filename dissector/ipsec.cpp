// SPDX-License-Identifier: GPL-2.0-or-later
// AH and ESP whose keys are known: ICVs and sequence numbers are verified, ESP is decrypted and
// what it holds goes on. All other AH and ESP is left to the stock dissectors as it is.
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
constexpr std::size_t esp_fixed = 8;
constexpr std::size_t ah_fixed = 12;
constexpr std::size_t trailer = 2;     // pad length, next header
constexpr guint32 mark_key = 0x10000;  // beside those of messages, which are layer numbers

Stock stock_esp;
Stock stock_ah;
dissector_handle_t esp_carrier = nullptr;  // adds the ESP layer
dissector_table_t ip_protocols = nullptr;
dissector_handle_t data = nullptr;

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

// What the first pass found out about a header; it stays with the frame.
struct Mark {
  KnownSa* sa = nullptr;
  std::uint8_t icv = 2;  // as secct.auth.status
  bool replayed = false;
};

enum class Icv : std::uint8_t { bad, good, unverified };

// What a hook hands to the ESP layer.
struct Opened {
  const Mark* mark;
  const void* ip_header;
  tvbuff_t* text;  // decrypted: payload, padding, pad length, next header
  std::size_t iv;
  std::size_t icv;
  bool handled;
};

View octets_of(tvbuff_t* tvb) {
  const auto length = tvb_captured_length(tvb);
  return {tvb_get_ptr(tvb, 0, static_cast<gint>(length)), length};
}

std::size_t icv_length(const SaKeys& sa) { return sa.auth == AuthAlgorithm::none ? 0 : icv_octets; }

Icv verify_esp(tvbuff_t* tvb, const SaKeys& sa) {
  const auto octets = octets_of(tvb);
  if (sa.auth == AuthAlgorithm::none || octets.size() < esp_fixed + icv_octets) {
    return Icv::unverified;
  }
  const auto right = icv_of(sa.auth, sa.auth_key, octets.first(octets.size() - icv_octets));
  return std::ranges::equal(right, octets.last(icv_octets)) ? Icv::good : Icv::bad;
}

Icv verify_ah(tvbuff_t* tvb, const packet_info* pinfo, const void* ip_header, const SaKeys& sa) {
  const auto input = ah_input(tvb, pinfo, ip_header);
  const auto octets = octets_of(tvb);
  if (input.empty() || sa.auth == AuthAlgorithm::none || octets.size() < ah_fixed + icv_octets) {
    return Icv::unverified;
  }
  const auto right = icv_of(sa.auth, sa.auth_key, input);
  return std::ranges::equal(right, octets.subspan(ah_fixed, icv_octets)) ? Icv::good : Icv::bad;
}

// The mark of the header that is being dissected; nullptr when its keys are not known.
const Mark* mark_of(tvbuff_t* tvb, packet_info* pinfo, const void* ip_header,
                    const IpsecHeader& header) {
  const auto key = mark_key + static_cast<guint32>(pinfo->curr_layer_num);
  auto* kept = p_get_proto_data(wmem_file_scope(), pinfo, registry().protocol, key);
  if (kept != nullptr) return static_cast<const Mark*>(kept);
  if (PINFO_FD_VISITED(pinfo) != 0 || known_sas().empty()) return nullptr;
  auto* sa = known_sas().find(header.esp, header.spi, header.source, header.destination);
  if (sa == nullptr) return nullptr;
  auto* mark = wmem_new0(wmem_file_scope(), Mark);
  mark->sa = sa;
  const auto icv =
      header.esp ? verify_esp(tvb, sa->keys) : verify_ah(tvb, pinfo, ip_header, sa->keys);
  mark->icv = static_cast<std::uint8_t>(icv);
  // What is forged does not move the window.
  if (icv != Icv::bad) mark->replayed = !sa->window.accept(header.sequence);
  p_add_proto_data(wmem_file_scope(), pinfo, registry().protocol, key, mark);
  return mark;
}

bool is_whole(tvbuff_t* tvb, const packet_info* pinfo) {
  return pinfo->flags.in_error_pkt == 0 && pinfo->fragmented == FALSE &&
         tvb_captured_length(tvb) == tvb_reported_length(tvb);
}

bool read_header(tvbuff_t* tvb, const packet_info* pinfo, bool esp, IpsecHeader& header) {
  const gint at = esp ? 0 : 4;
  const auto source = address_from(pinfo->net_src);
  const auto destination = address_from(pinfo->net_dst);
  if (!enabled() || pinfo->flags.in_error_pkt != 0 || !source || !destination ||
      tvb_captured_length(tvb) < static_cast<guint>(at) + esp_fixed) {
    return false;
  }
  header = {pinfo->num, esp,         false, tvb_get_ntohl(tvb, at), tvb_get_ntohl(tvb, at + 4),
            *source,    *destination};
  return true;
}

void expert(Finding finding, packet_info* pinfo, proto_item* item) {
  show(finding, pinfo, item);
  count(finding, pinfo);
}

// What is known of the SA, as a subtree before the header's own.
void show(const Mark& mark, const IpsecHeader& header, tvbuff_t* tvb, packet_info* pinfo,
          proto_tree* tree) {
  const auto& ids = registry();
  proto_item* item = nullptr;
  auto* below = proto_tree_add_subtree_format(tree, tvb, 0, static_cast<gint>(esp_fixed),
                                              fields.ett, &item, "%s with known keys, SPI 0x%08x",
                                              header.esp ? "ESP" : "AH", header.spi);
  proto_item_set_generated(item);
  auto* status = proto_tree_add_uint(below, ids.icv_status, tvb, 0, 0, mark.icv);
  proto_item_set_generated(status);
  if (mark.sa->learnt_in != 0) {
    proto_item_set_generated(
        proto_tree_add_uint(below, ids.learnt_in, tvb, 0, 0, mark.sa->learnt_in));
  }
  if (mark.icv == static_cast<std::uint8_t>(Icv::bad)) expert(Finding::icv_bad, pinfo, status);
  if (mark.replayed) expert(Finding::sequence_replayed, pinfo, item);
}

// --- ESP
// Whether the decrypted text ends as RFC 2406 2.4 says; without an ICV only this tells.
bool is_padded(View text) {
  if (text.size() < trailer) return false;
  const std::size_t pad = text[text.size() - trailer];
  if (pad + trailer > text.size()) return false;
  const auto padding = text.subspan(text.size() - trailer - pad, pad);
  for (std::size_t i = 0; i < pad; ++i) {
    if (padding[i] != i + 1) return false;
  }
  return true;
}

bool open(tvbuff_t* tvb, packet_info* pinfo, const Mark& mark, Opened& opened) {
  const auto& sa = mark.sa->keys;
  const auto octets = octets_of(tvb);
  opened.iv = sa.cipher == Cipher::null ? 0 : block_octets(sa.cipher);
  opened.icv = icv_length(sa);
  if (mark.icv == static_cast<std::uint8_t>(Icv::bad)) return false;
  if (octets.size() < esp_fixed + opened.iv + trailer + opened.icv) return false;
  const auto covered = octets.subspan(esp_fixed, octets.size() - esp_fixed - opened.icv);
  const auto iv = covered.first(opened.iv);
  const auto text = covered.subspan(opened.iv);
  auto* clear = static_cast<std::uint8_t*>(wmem_alloc(pinfo->pool, text.size()));
  if (!decrypt(sa.cipher, sa.cipher_key, iv, text, clear)) return false;
  if (!is_padded({clear, text.size()})) return false;
  opened.text = tvb_new_child_real_data(tvb, clear, static_cast<guint>(text.size()),
                                        static_cast<gint>(text.size()));
  return true;
}

void go_on(tvbuff_t* payload, packet_info* pinfo, proto_tree* tree, std::uint8_t next,
           const void* ip_header) {
  const auto saved = pinfo->match_uint;
  pinfo->match_uint = next;
  if (dissector_try_uint_new(ip_protocols, next, payload, pinfo, tree, TRUE,
                             const_cast<void*>(ip_header)) == 0) {
    call_dissector(data, payload, pinfo, tree);
  }
  pinfo->match_uint = saved;
}

int dissect_esp(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* handed) noexcept {
  auto& opened = *static_cast<Opened*>(handed);
  opened.handled = true;
  const auto length = static_cast<gint>(tvb_captured_length(tvb));
  col_set_str(pinfo->cinfo, COL_PROTOCOL, "ESP");
  col_add_fstr(pinfo->cinfo, COL_INFO, "ESP (SPI=0x%08x)", tvb_get_ntohl(tvb, 0));
  auto* item = proto_tree_add_item(tree, stock_esp.protocol(), tvb, 0, -1, ENC_NA);
  auto* below = proto_item_add_subtree(item, fields.ett);
  proto_tree_add_item(below, fields.spi, tvb, 0, 4, ENC_BIG_ENDIAN);
  proto_tree_add_item(below, fields.sequence, tvb, 4, 4, ENC_BIG_ENDIAN);
  const auto iv = static_cast<gint>(opened.iv);
  if (iv > 0) proto_tree_add_item(below, fields.iv, tvb, esp_fixed, iv, ENC_NA);
  add_new_data_source(pinfo, opened.text, "Decrypted ESP");
  const auto text = static_cast<gint>(tvb_captured_length(opened.text));
  const auto pad = tvb_get_guint8(opened.text, text - 2);
  const auto next = tvb_get_guint8(opened.text, text - 1);
  const auto payload = text - 2 - pad;
  if (pad > 0) proto_tree_add_item(below, fields.pad, opened.text, payload, pad, ENC_NA);
  proto_tree_add_item(below, fields.pad_length, opened.text, text - 2, 1, ENC_BIG_ENDIAN);
  proto_tree_add_item(below, fields.next, opened.text, text - 1, 1, ENC_BIG_ENDIAN);
  const auto icv = static_cast<gint>(opened.icv);
  if (icv > 0) proto_tree_add_item(below, fields.icv, tvb, length - icv, icv, ENC_NA);
  go_on(tvb_new_subset_length(opened.text, 0, payload), pinfo, tree, next, opened.ip_header);
  return length;
}

int esp_hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* ip_header) noexcept {
  IpsecHeader header;
  if (!read_header(tvb, pinfo, true, header)) return stock_esp.call(tvb, pinfo, tree, ip_header);
  const auto* mark = is_whole(tvb, pinfo) ? mark_of(tvb, pinfo, ip_header, header) : nullptr;
  header.known = mark != nullptr;
  set_ipsec_header(header);
  if (mark == nullptr) return stock_esp.call(tvb, pinfo, tree, ip_header);
  show(*mark, header, tvb, pinfo, tree);
  Opened opened{mark, ip_header, nullptr, 0, 0, false};
  if (!open(tvb, pinfo, *mark, opened)) return stock_esp.call(tvb, pinfo, tree, ip_header);
  pinfo->can_desegment = pinfo->saved_can_desegment;
  const int done = call_dissector_only(esp_carrier, tvb, pinfo, tree, &opened);
  // ESP that the user disabled shows as data, as it always did.
  return opened.handled ? done : stock_esp.call(tvb, pinfo, tree, ip_header);
}

int ah_hook(tvbuff_t* tvb, packet_info* pinfo, proto_tree* tree, void* ip_header) noexcept {
  IpsecHeader header;
  if (!read_header(tvb, pinfo, false, header)) return stock_ah.call(tvb, pinfo, tree, ip_header);
  const auto* mark = is_whole(tvb, pinfo) ? mark_of(tvb, pinfo, ip_header, header) : nullptr;
  header.known = mark != nullptr;
  set_ipsec_header(header);
  if (mark != nullptr) show(*mark, header, tvb, pinfo, tree);
  return stock_ah.call(tvb, pinfo, tree, ip_header);
}

}  // namespace

void announce_ipsec() {
  stock_esp.announce("esp", "ESP with keys of SecCT", "ESP with SecCT", "secct_esp");
  stock_ah.announce("ah", "AH with keys of SecCT", "AH with SecCT", "secct_ah");
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
  data = find_dissector("data");
  esp_carrier = create_dissector_handle(dissect_esp, stock_esp.protocol());
  stock_esp.replace("ip.proto", esp_protocol, esp_hook);
  stock_ah.replace("ip.proto", ah_protocol, ah_hook);
}

}  // namespace secct::dissector
