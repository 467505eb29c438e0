// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/handover/handover.hpp"

#include <algorithm>

#include "ipsec/crypto.hpp"
#include "protocol/decode/mip4.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct::generator {
namespace {

using F = Field;
using C = CodePoint;

constexpr std::uint8_t mip_auth_extension = 32;  // Mobile-Home authentication, RFC 3344 3.5.2

Octets v4_octets(const Address& address) { return {address.begin() + 12, address.end()}; }

}  // namespace

std::uint32_t Counters::next(std::uint32_t spi, std::uint32_t first) {
  return next_.try_emplace(spi, first).first->second++;
}

Context moved(Context context, const Address& pr, const Address& nr, const Address& paddr,
              const Address& naddr) {
  for (auto* address : {&context.source, &context.destination}) {
    if (*address == pr) {
      *address = nr;
    } else if (*address == paddr) {
      *address = naddr;
    }
  }
  return context;
}

const Context* shak_context(const std::vector<Context>& contexts, const Address& naddr) {
  const bool v4 = is_v4_mapped(naddr);
  const auto usable = [&](const Context& context) {
    return to_sa(context).has_value() && is_v4_mapped(context.source) == v4 &&
           is_v4_mapped(context.destination) == v4;
  };
  const Context* any = nullptr;
  for (const auto& context : contexts) {
    if (!usable(context)) continue;
    if (context.destination == naddr) return &context;
    if (any == nullptr) any = &context;
  }
  return any;
}

Handover::Handover(const RouterDescription& description, Role role, MobileNode mobile_node,
                   std::uint16_t identifier, Counters& routers, Counters& own)
    : description_(description),
      role_(role),
      mn_(std::move(mobile_node)),
      identifier_(identifier),
      reply_identifier_(identifier),
      reply_naddr_(mn_.naddr),
      reply_paddr_(mn_.paddr),
      routers_(&routers),
      own_(&own) {
  const bool dut_is_pr = role == Role::pr;
  nr_ = dut_is_pr ? description.peer : description.address;
  pr_ = dut_is_pr ? description.address : description.peer;
  nr_for_mn_ = dut_is_pr ? description.peer : description.mn_address;
  pr_for_mn_ = dut_is_pr ? description.mn_address : description.peer;
}

Keyring Handover::keyring() const {
  auto keys = description_.keyring();
  for (std::size_t i = 0; i < mn_.sas.size(); ++i) {
    if (const auto before = to_sa(mn_.sas[i].context)) keys.sas.push_back(*before);
    if (const auto after = to_sa(arrived(i))) keys.sas.push_back(*after);
  }
  return keys;
}

void Handover::use_ipv4() {
  ipv4_ = true;
  mn_.paddr = mn_.home;
  mn_.naddr = description_.ipv4_address;
  reply_paddr_ = mn_.paddr;
  reply_naddr_ = mn_.naddr;
  const bool dut_is_pr = role_ == Role::pr;
  nr_ = nr_for_mn_ = dut_is_pr ? description_.ipv4_peer : description_.ipv4_address;
  pr_ = pr_for_mn_ = dut_is_pr ? description_.ipv4_address : description_.ipv4_peer;
}

Context Handover::arrived(std::size_t sa) const {
  const auto& before = mn_.sas[sa];
  if (before.type < 3) return before.context;
  auto context = at_new_router(before.context);
  if (recomputed_ && recomputed_->first == sa) context.spi = recomputed_->second;
  return context;
}

std::uint32_t Handover::recomputed_spi(std::size_t sa) const {
  const auto& context = mn_.sas.at(sa).context;
  const auto usable = to_sa(context);
  return compute_spi(context.key.empty() && usable ? usable->auth_key : context.key, nr_for_mn_,
                     mn_.naddr);
}

Context Handover::at_new_router(Context context) const {
  context = moved(std::move(context), pr_for_mn_, nr_for_mn_, mn_.paddr, mn_.naddr);
  context = moved(std::move(context), pr_, nr_for_mn_, mn_.paddr, mn_.naddr);
  if (is_v4_mapped(pr_v4())) {
    context = moved(std::move(context), pr_v4(), nr_v4(), mn_.paddr, mn_.naddr);
  }
  return context;
}

PacketDocument Handover::between(bool from_nr, bool confidential, Node message) {
  const bool from_dut = from_nr != (role_ == Role::pr);
  const auto protocol =
      confidential && description_.policies.confidential ? IpsecProtocol::esp : IpsecProtocol::ah;
  const auto& source = from_nr ? nr_ : pr_;
  const auto& destination = from_nr ? pr_ : nr_;
  std::vector<Layer> layers;
  if (const auto* sa = description_.find_router_sa(protocol, from_dut)) {
    layers = envelope_layers(sa->sa, routers_->next(sa->sa.spi, sa->sequence.value_or(1)), source,
                             destination);
  }
  layers.push_back(icmpv6_layer(std::move(message)));
  return ip_packet(source, destination, std::move(layers));
}

Node Handover::reply(Message message, CodePoint option, std::vector<Node> sub_options) {
  return message_node(message, {{F::identifier, reply_identifier_},
                                context_option(description_.codepoints, option, reply_naddr_,
                                               reply_paddr_, std::move(sub_options))});
}

const Address& Handover::nr_v4() const {
  return role_ == Role::pr ? description_.ipv4_peer : description_.ipv4_address;
}

const Address& Handover::pr_v4() const {
  return role_ == Role::pr ? description_.ipv4_address : description_.ipv4_peer;
}

void Handover::answer(const DecodedMessage& decoded) {
  if (const auto identifier = decoded.number(F::identifier)) {
    reply_identifier_ = static_cast<std::uint16_t>(*identifier);
  }
  if (const auto* naddr = decoded.find(F::naddr)) reply_naddr_ = decoded.address(*naddr);
  if (const auto* paddr = decoded.find(F::paddr)) reply_paddr_ = decoded.address(*paddr);
}

void Handover::put_under(IpsecProtocol protocol, PacketDocument& packet) {
  const auto* sa = description_.find_router_sa(protocol, false);
  if (sa == nullptr) throw UsageError("under: the routers have no such SA");
  std::erase_if(packet.layers, [](const auto& layer) {
    return layer.kind == LayerKind::ah || layer.kind == LayerKind::esp;
  });
  const auto sequence = routers_->next(sa->sa.spi, sa->sequence.value_or(1));
  packet.layers.insert(packet.layers.end() - 1, protocol == IpsecProtocol::ah
                                                    ? ah_layer(sa->sa.spi, sequence)
                                                    : esp_layer(sa->sa.spi, sequence));
}

void Handover::number_esp(PacketDocument& packet) {
  for (auto& layer : packet.layers) {
    if (layer.kind != LayerKind::esp) continue;
    const auto spi = static_cast<std::uint32_t>(layer.number(HeaderField::esp_spi).value_or(0));
    const auto known = std::ranges::find_if(description_.router_sas,
                                            [&](const auto& sa) { return sa.sa.spi == spi; });
    const bool of_routers = known != description_.router_sas.end();
    auto& counters = of_routers ? *routers_ : *own_;
    const auto first = of_routers ? known->sequence.value_or(1) : 1;
    layer.set(HeaderField::esp_sequence, std::uint64_t{counters.next(spi, first)});
  }
}

PacketDocument Handover::hi(const std::vector<Context>& contexts) {
  const auto& points = description_.codepoints;
  std::vector<Node> subs{auth_node(points, 0)};
  for (auto& rep : rep_nodes(points, contexts)) subs.push_back(std::move(rep));
  return between(
      false, true,
      message_node(Message::hi, {{F::identifier, identifier_},
                                 address_option(points, address_subtype::old_care_of, mn_.paddr),
                                 address_option(points, address_subtype::new_care_of, mn_.naddr),
                                 lla_option(points, lla_subtype::mobile_node, mn_.lla),
                                 context_option(points, C::icmpopt_ushrep, mn_.naddr, mn_.paddr,
                                                std::move(subs))}));
}

PacketDocument Handover::hack() {
  auto message = reply(Message::hack, C::icmpopt_shrep_ack, {});
  message.children.back().children.emplace_back(F::all_received, 1);
  return between(true, false, std::move(message));
}

PacketDocument Handover::shin(std::uint8_t replay) {
  const auto& points = description_.codepoints;
  return ip_packet(mn_.naddr, nr_for_mn_,
                   {dstopts_layer(message_node(Message::shin, {{F::paddr, mn_.paddr},
                                                               {F::router, pr_},
                                                               auth_node(points, replay),
                                                               req_r1_node(points)}))});
}

PacketDocument Handover::pshin() {
  const auto& points = description_.codepoints;
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < mn_.sas.size(); ++i) {
    const auto& sa = mn_.sas[i];
    const auto found = to_sa(sa.context);
    if (sa.type != 5 || sa.direction != Direction::from_mn || !found ||
        found->protocol != IpsecProtocol::ah) {
      continue;
    }
    layers = envelope_layers(*found, next_number(i, false), mn_.paddr, pr_for_mn_);
    break;
  }
  layers.push_back(dstopts_layer(message_node(
      Message::pshin, {{F::naddr, mn_.naddr}, {F::router, nr_}, req_r1_node(points)})));
  return ip_packet(mn_.paddr, pr_for_mn_, std::move(layers));
}

PacketDocument Handover::shreq(std::uint8_t replay) {
  const auto& points = description_.codepoints;
  return between(true, false,
                 message_node(Message::shreq,
                              {{F::identifier, identifier_},
                               context_option(points, C::icmpopt_shreq, mn_.naddr, mn_.paddr,
                                              {auth_node(points, replay), req_r1_node(points)})}));
}

PacketDocument Handover::shrep(const std::vector<Context>& contexts) {
  auto subs = rep_nodes(description_.codepoints, contexts);
  subs.push_back(stat_node(description_.codepoints, status::ok));
  return between(false, true, reply(Message::shrep, C::icmpopt_shrep, std::move(subs)));
}

PacketDocument Handover::shrep_status() {
  return between(
      false, true,
      reply(Message::shrep, C::icmpopt_shrep, {stat_node(description_.codepoints, status::ok)}));
}

Address Handover::link_local() const {
  Address address = mn_.naddr;
  std::fill(address.begin(), address.begin() + 8, std::uint8_t{0});
  address[0] = 0xfe;
  address[1] = 0x80;
  return address;
}

PacketDocument Handover::shrep_ack() {
  auto message = reply(Message::shrep_ack, C::icmpopt_shrep_ack, {});
  message.children.back().children.emplace_back(F::all_received, 1);
  return between(true, false, std::move(message));
}

PacketDocument Handover::shak(std::uint8_t status, bool protect,
                              const std::vector<SaChange>& changes) {
  std::vector<Layer> layers;
  if (protect) {
    std::vector<Context> contexts;
    for (std::size_t i = 0; i < mn_.sas.size(); ++i) {
      if (mn_.sas[i].type >= 3) contexts.push_back(arrived(i));
    }
    if (const auto* chosen = shak_context(contexts, mn_.naddr)) {
      layers = envelope_layers(*to_sa(*chosen), own_->next(chosen->spi, chosen->sequence + 1),
                               nr_for_mn_, mn_.naddr);
    }
  }
  std::vector<Node> subs{stat_node(description_.codepoints, status)};
  for (const auto& change : changes) {
    subs.push_back(
        ack_node(description_.codepoints, mn_.sas.at(change.sa).context.spi, change.changed));
    if (change.pmtu) {
      subs.back().children.emplace_back(F::ack_pmtu, std::uint64_t{*change.pmtu});
    }
  }
  layers.push_back(dstopts_layer(message_node(Message::shak, std::move(subs))));
  return ip_packet(nr_for_mn_, mn_.naddr, std::move(layers));
}

PacketDocument Handover::mip4_request() {
  const auto& points = description_.codepoints;
  const auto home = v4_octets(mn_.home);
  PacketDocument packet;
  packet.layers.push_back({.kind = LayerKind::eth, .fields = {}, .elements = {}});
  Layer ip{.kind = LayerKind::ip, .fields = {}, .elements = {}};
  ip.set(HeaderField::ip_src, home);
  ip.set(HeaderField::ip_dst, v4_octets(description_.ipv4_address));
  packet.layers.push_back(std::move(ip));
  Layer udp{.kind = LayerKind::udp, .fields = {}, .elements = {}};
  udp.set(HeaderField::udp_srcport, std::uint64_t{mip4::port});
  udp.set(HeaderField::udp_dstport, std::uint64_t{mip4::port});
  packet.layers.push_back(std::move(udp));
  Layer mip{.kind = LayerKind::mip_request, .fields = {}, .elements = {}};
  mip.set(HeaderField::mip_life, std::uint64_t{600});
  mip.set(HeaderField::mip_homeaddr, home);
  mip.set(HeaderField::mip_haaddr, Octets{198, 51, 100, 1});
  mip.set(HeaderField::mip_coa, v4_octets(description_.ipv4_address));
  Octets ident(6);
  append_number(ident, identifier_, 2);
  mip.set(HeaderField::mip_ident, ident);
  auto& auth = mip.elements.emplace_back();
  auth.type = mip_auth_extension;
  auth.data = Octets(20);  // SPI and authenticator: between the mobile node and its home agent
  auth.data[2] = 1;
  mip.elements.emplace_back().message = message_node(
      Message::mip4,
      {{F::mip4_router, pr_}, {F::mip4_old_coa, home}, auth_node(points, 1), req_r1_node(points)});
  packet.layers.push_back(std::move(mip));
  return packet;
}

PacketDocument Handover::mip4_reply() {
  auto packet = mip4_request();
  const auto request = packet.layers.back();
  auto* ip = packet.find(LayerKind::ip);
  const auto source = *ip->octets(HeaderField::ip_src);
  ip->set(HeaderField::ip_src, *ip->octets(HeaderField::ip_dst));
  ip->set(HeaderField::ip_dst, source);
  Layer mip{.kind = LayerKind::mip_reply, .fields = {}, .elements = {}};
  mip.set(HeaderField::mip_reply_life, std::uint64_t{600});
  mip.set(HeaderField::mip_reply_homeaddr, *request.octets(HeaderField::mip_homeaddr));
  mip.set(HeaderField::mip_reply_haaddr, *request.octets(HeaderField::mip_haaddr));
  mip.set(HeaderField::mip_reply_ident, *request.octets(HeaderField::mip_ident));
  mip.elements.push_back(request.elements.front());
  mip.elements.emplace_back().message =
      message_node(Message::mip4, {stat_node(description_.codepoints, status::ok)});
  packet.layers.back() = std::move(mip);
  return packet;
}

namespace {

struct Named {
  std::string_view name;
  PacketDocument (*make)(Handover&);
};
constexpr Named named[] = {
    {"hi", [](Handover& h) { return h.hi(); }},
    {"hack", [](Handover& h) { return h.hack(); }},
    {"shreq", [](Handover& h) { return h.shreq(); }},
    {"shrep", [](Handover& h) { return h.shrep(); }},
    {"shrep-status", [](Handover& h) { return h.shrep_status(); }},
    {"shrep-ack", [](Handover& h) { return h.shrep_ack(); }},
    {"shin", [](Handover& h) { return h.shin(1); }},
    {"p-shin", [](Handover& h) { return h.pshin(); }},
    {"shak", [](Handover& h) { return h.shak(); }},
    {"mip4-request", [](Handover& h) { return h.mip4_request(); }},
    {"mip4-reply", [](Handover& h) { return h.mip4_reply(); }},
};

}  // namespace

std::optional<PacketDocument> Handover::by_name(std::string_view name) {
  const auto* found = std::ranges::find(named, name, &Named::name);
  if (found == std::end(named)) return std::nullopt;
  return found->make(*this);
}

std::vector<std::string_view> Handover::names() {
  std::vector<std::string_view> all;
  for (const auto& entry : named) all.push_back(entry.name);
  return all;
}

}  // namespace secct::generator
