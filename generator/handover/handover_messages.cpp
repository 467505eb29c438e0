// SPDX-License-Identifier: GPL-2.0-or-later
// The messages of a handover.
#include <algorithm>
#include <span>

#include "generator/handover/handover.hpp"
#include "protocol/decode/mip4.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct::generator {
namespace {

using F = Field;
using C = CodePoint;

constexpr std::uint8_t mip_auth_extension = 32;  // Mobile-Home Authentication, RFC 3344 3.5.2

Octets v4_octets(const Address& address) { return {address.begin() + 12, address.end()}; }

// Whether `part` holds the context, with any sequence number and window.
bool is_in(const std::vector<Context>& part, const Context& context) {
  return std::ranges::any_of(part, [&](const auto& other) {
    return other.spi == context.spi && other.spt == context.spt &&
           other.destination == context.destination;
  });
}

// Adds a part of a transfer, unless it is repeated.
void add_part(std::vector<std::vector<Context>>& parts, const std::vector<Context>& part) {
  const bool is_repeated = std::ranges::any_of(parts, [&](const auto& other) {
    return std::ranges::equal(other, part, {}, &Context::spi, &Context::spi);
  });
  if (!is_repeated) parts.push_back(part);
}

}  // namespace

PacketDocument Handover::between(bool from_nr, bool confidential, Node message) {
  const bool from_dut = from_nr != (role_ == Role::pr);
  const auto protocol =
      confidential && description_.policies.confidential ? IpsecProtocol::esp : IpsecProtocol::ah;
  const auto& source = from_nr ? nr_ : pr_;
  const auto& destination = from_nr ? pr_ : nr_;
  std::vector<Layer> layers;
  if (const auto* sa = description_.find_router_sa(protocol, from_dut)) {
    const auto sequence = routers_->next(sa->sa.protocol, sa->sa.spi, sa->sequence.value_or(1));
    layers = envelope_layers(sa->sa, sequence, source, destination);
  }
  layers.push_back(icmpv6_layer(std::move(message)));
  return ip_packet(source, destination, std::move(layers));
}

Node Handover::reply(Message message, CodePoint option, std::vector<Node> sub_options) {
  return message_node(message, {{F::identifier, reply_identifier_},
                                context_option(description_.codepoints, option, reply_naddr_,
                                               reply_paddr_, std::move(sub_options))});
}

std::vector<std::vector<Context>> Handover::parts(Message message,
                                                  const std::vector<Context>& contexts) const {
  // What the option holds besides: AuthPrtr or SecCT-Stat.
  const std::size_t others = message == Message::hi ? 8 : 4;
  return split_contexts(description_.codepoints, contexts, others);
}

PacketDocument Handover::hi(const std::vector<Context>& contexts) {
  const auto& points = description_.codepoints;
  add_part(kept_, contexts);
  std::vector<Node> subs{auth_node(points, 0)};
  for (auto& rep : rep_nodes(points, contexts)) subs.push_back(std::move(rep));
  return between(
      false, true,
      message_node(Message::hi, {{F::identifier, request_identifier_},
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
  if (const auto sa = pshin_sa(mn_.sas)) {
    layers = envelope_layers(*to_sa(mn_.sas[*sa].context), next_number(*sa, false), mn_.paddr,
                             pr_for_mn_);
  }
  layers.push_back(dstopts_layer(message_node(
      Message::pshin, {{F::naddr, mn_.naddr}, {F::router, nr_}, req_r1_node(points)})));
  return ip_packet(mn_.paddr, pr_for_mn_, std::move(layers));
}

PacketDocument Handover::shreq(std::uint8_t replay) {
  const auto& points = description_.codepoints;
  return between(true, false,
                 message_node(Message::shreq,
                              {{F::identifier, request_identifier_},
                               context_option(points, C::icmpopt_shreq, mn_.naddr, mn_.paddr,
                                              {auth_node(points, replay), req_r1_node(points)})}));
}

PacketDocument Handover::shrep(const std::vector<Context>& contexts) {
  add_part(received_, contexts);
  auto subs = rep_nodes(description_.codepoints, contexts);
  subs.push_back(stat_node(description_.codepoints, status::ok));
  return between(false, true, reply(Message::shrep, C::icmpopt_shrep, std::move(subs)));
}

PacketDocument Handover::shrep_status() {
  return between(
      false, true,
      reply(Message::shrep, C::icmpopt_shrep, {stat_node(description_.codepoints, status::ok)}));
}

PacketDocument Handover::shrep_ack(std::span<const std::uint8_t> statuses) {
  std::vector<Node> stats;
  for (const auto status : statuses) stats.push_back(stat_node(description_.codepoints, status));
  auto message = reply(Message::shrep_ack, C::icmpopt_shrep_ack, std::move(stats));
  if (statuses.empty()) message.children.back().children.emplace_back(F::all_received, 1);
  return between(true, false, std::move(message));
}

std::optional<Context> Handover::next_shak_context() const {
  const auto choose = [&](std::span<const std::vector<Context>> parts) {
    std::vector<Context> contexts;
    for (std::size_t i = 0; i < mn_.sas.size(); ++i) {
      const auto& sa = mn_.sas[i];
      const bool is_moved =
          parts.empty() ? sa.type >= 3 : std::ranges::any_of(parts, [&](const auto& part) {
            return is_in(part, sa.context);
          });
      if (is_moved) contexts.push_back(after_handover(i));
    }
    const auto* chosen = shak_context(contexts, mn_.naddr);
    return chosen != nullptr ? std::optional(*chosen) : std::nullopt;
  };
  // The contexts of all HIs are installed when the SHIN arrives, those of each SHREP at once.
  if (received_.empty()) return choose(kept_);
  std::optional<Context> chosen;
  for (std::size_t count = 1; !chosen && count <= std::min(shaks_ + 1, received_.size()); ++count) {
    chosen = choose(std::span(received_).first(count));
  }
  return chosen;
}

PacketDocument Handover::shak(std::uint8_t status, bool protect,
                              const std::vector<SaChange>& changes) {
  std::vector<Layer> layers;
  if (const auto chosen = protect ? next_shak_context() : std::nullopt) {
    const auto sa = *to_sa(*chosen);
    const auto sequence = own_->next(sa.protocol, sa.spi, following(chosen->sequence));
    layers = envelope_layers(sa, sequence, nr_for_mn_, mn_.naddr);
  }
  if (!received_.empty()) ++shaks_;
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
  auth.data = Octets(20);  // SPI and authenticator, which only the home agent verifies
  auth.data[2] = 1;
  mip.elements.emplace_back().message = message_node(
      Message::mip4_request,
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
      message_node(Message::mip4_reply, {stat_node(description_.codepoints, status::ok)});
  packet.layers.back() = std::move(mip);
  return packet;
}

namespace {

struct NamedMessage {
  Message id;
  PacketDocument (*make)(Handover&);
  std::string_view variant = {};  // its name; empty: that of the message

  std::string_view name() const { return variant.empty() ? message_info(id).name : variant; }
};

std::vector<Context> first_part(const Handover& handover, Message message) {
  return handover.parts(message, handover.mobile_node().transferable()).front();
}

constexpr NamedMessage named_messages[] = {
    {Message::hi, [](Handover& h) { return h.hi(first_part(h, Message::hi)); }},
    {Message::hack, [](Handover& h) { return h.hack(); }},
    {Message::shreq, [](Handover& h) { return h.shreq(); }},
    {Message::shrep, [](Handover& h) { return h.shrep(first_part(h, Message::shrep)); }},
    {Message::shrep, [](Handover& h) { return h.shrep_status(); }, Handover::shrep_status_name},
    {Message::shrep_ack, [](Handover& h) { return h.shrep_ack(); }},
    {Message::shin, [](Handover& h) { return h.shin(1); }},
    {Message::pshin, [](Handover& h) { return h.pshin(); }},
    {Message::shak, [](Handover& h) { return h.shak(); }},
    {Message::mip4_request, [](Handover& h) { return h.mip4_request(); }},
    {Message::mip4_reply, [](Handover& h) { return h.mip4_reply(); }},
};
constexpr std::size_t variants = 1;
static_assert(std::size(named_messages) == message_count + variants,
              "each row of messages.def has a row here");

const NamedMessage* find_named(std::string_view name) {
  const auto* found = std::ranges::find(named_messages, name, &NamedMessage::name);
  return found == std::end(named_messages) ? nullptr : found;
}

}  // namespace

std::optional<PacketDocument> Handover::by_name(std::string_view name) {
  const auto* found = find_named(name);
  if (found == nullptr) return std::nullopt;
  return found->make(*this);
}

std::optional<Message> Handover::message_of(std::string_view name) {
  const auto* found = find_named(name);
  if (found == nullptr) return std::nullopt;
  return found->id;
}

std::optional<Role> Handover::receiver_of(std::string_view name) {
  const auto id = message_of(name);
  if (!id) return std::nullopt;
  switch (message_info(*id).receiver) {
    case Party::previous_router: return Role::pr;
    case Party::new_router: return Role::nr;
    case Party::foreign_agent: return Role::fa;
    case Party::mobile_node:
    case Party::any_router: break;
  }
  return std::nullopt;
}

std::vector<std::string_view> Handover::names() {
  std::vector<std::string_view> all;
  for (const auto& entry : named_messages) all.push_back(entry.name());
  return all;
}

}  // namespace secct::generator
