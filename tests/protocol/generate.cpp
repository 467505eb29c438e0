// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/protocol/generate.hpp"

#include <algorithm>
#include <utility>

#include "protocol/encode/encode.hpp"

namespace secct::test {
namespace {

using F = Field;
using C = CodePoint;

}  // namespace

Octets Generator::octets(std::size_t count) {
  Octets result(count);
  for (auto& octet : result) octet = static_cast<std::uint8_t>(below(256));
  return result;
}

Address Generator::global() {
  Address address{0x20, 0x01, 0x0d, 0xb8};
  for (std::size_t i = 4; i < 16; ++i) {
    address[i] = static_cast<std::uint8_t>(chance(50) ? 0 : below(256));
  }
  return address;
}

Octets Generator::v4() { return {192, 0, 2, static_cast<std::uint8_t>(between(1, 254))}; }

void Generator::identity(Node& node, F v6, F v4_field, F private_id, bool is_v4, bool is_private) {
  if (is_v4) {
    node.children.emplace_back(v4_field, v4());
  } else {
    node.children.emplace_back(v6, global());
  }
  if (is_private) node.children.emplace_back(private_id, static_cast<std::uint64_t>(engine_()));
}

// --- sub-options
Node Generator::sub_option(C type, std::vector<Node> fields) {
  Node node(F::sub_options, std::move(fields));
  node.children.emplace(node.children.begin(), F::subopt_type, std::uint64_t{codepoints_[type]});
  return node;
}

Node Generator::auth() {
  return sub_option(C::subopt_auth_prtr,
                    {Node(F::auth_replay, std::uint64_t{below(256)}),
                     Node(F::auth_token, static_cast<std::uint64_t>(engine_()))});
}

Node Generator::request(std::size_t space) {
  const unsigned form = between(1, 4);
  unsigned spt = form;
  auto node = sub_option(C::subopt_req);
  if (form == 2 || form == 4) {
    spt |= chance(50) ? 0x10U : 0U;
    spt |= chance(50) ? 0x40U : 0U;
  }
  if (form == 4 && chance(50)) spt |= 0x20U;
  node.children.emplace_back(F::req_spt, std::uint64_t{spt});
  const bool is_v4 = (spt & 0x10) != 0;
  if (form == 4) {
    identity(node, F::req_source, F::req_source_v4, F::req_source_private_id, is_v4,
             (spt & 0x20) != 0);
  }
  if (form == 2 || form == 4) {
    identity(node, F::req_destination, F::req_destination_v4, F::req_destination_private_id, is_v4,
             (spt & 0x40) != 0);
  }
  if (form == 1) return node;
  const auto most = static_cast<std::uint32_t>(std::max<std::size_t>(1, (space - 40) / 4));
  const auto count = form == 4 ? 1 : between(1, std::min(50U, most));
  for (unsigned i = 0; i < count; ++i) {
    node.children.emplace_back(F::req_protocol, std::uint64_t{below(2)});
    node.children.emplace_back(F::req_spi, static_cast<std::uint64_t>(engine_()));
  }
  for (unsigned ports = form == 4 ? below(5) : 0; ports > 0; --ports) {
    node.children.emplace_back(F::req_port, std::uint64_t{below(65536)});
  }
  return node;
}

Node Generator::ack() {
  const auto bits = below(256);
  auto node = sub_option(C::subopt_ack, {Node(F::ack_changed, std::uint64_t{bits}),
                                         Node(F::ack_spi, static_cast<std::uint64_t>(engine_()))});
  const auto add = [&](unsigned bit, F field) {
    if ((bits & bit) != 0) node.children.emplace_back(field, static_cast<std::uint64_t>(engine_()));
  };
  if ((bits & 0x40) != 0 && (bits & 1) != 0) node.children.emplace_back(F::ack_peer_v4, v4());
  if ((bits & 0x40) != 0 && (bits & 1) == 0) node.children.emplace_back(F::ack_peer, global());
  add(0x20, F::ack_lifetime);
  add(0x10, F::ack_sequence);
  if ((bits & 0x08) != 0) {
    const auto window = octets(below(9));
    if (!window.empty()) node.children.emplace_back(F::ack_window, window);
    if (window.empty()) node.children.emplace_back(F::ack_window_size, std::uint64_t{0});
  }
  add(0x02, F::ack_pmtu);
  return node;
}

Node Generator::stat(bool good) {
  constexpr std::uint64_t failures[] = {100, 101, 102, 103, 104, 105, 106};
  auto node =
      sub_option(C::subopt_stat, {Node(F::status, good ? std::uint64_t{200} : failures[below(7)])});
  if (chance(30)) {
    Octets reason(between(1, 30));
    for (auto& letter : reason) letter = static_cast<std::uint8_t>(between('a', 'z'));
    node.children.emplace_back(F::reason, reason);
  }
  return node;
}

Node Generator::unknown_sub_option() {
  auto type = between(6, 255);
  while (codepoints_.find(CodePointGroup::subopt, static_cast<std::uint8_t>(type))) {
    type = between(6, 255);
  }
  Node node(F::sub_options);
  node.children.emplace_back(F::subopt_type, std::uint64_t{type});
  if (chance(80)) node.children.emplace_back(F::raw, octets(between(1, 12)));
  return node;
}

Node Generator::rep(std::size_t space) {
  auto node = sub_option(C::subopt_rep);
  std::size_t used = 2;
  do {
    auto one = context(spt());
    used += encode_group(codepoints_, Message::shrep, one, Spt{}).octets.size();
    if (used > 255 || (node.children.size() > 1 && used > space)) break;
    node.children.push_back(std::move(one));
  } while (chance(60));
  return node;
}

// --- messages
Node Generator::option(C type, std::vector<Node> fields) {
  Node node(F::options, std::move(fields));
  node.children.emplace(node.children.begin(), F::opt_type, std::uint64_t{codepoints_[type]});
  return node;
}

Node Generator::address_option(unsigned subtype) {
  return option(C::icmpopt_ip_address,
                {Node(F::opt_subtype, std::uint64_t{subtype}), Node(F::opt_address, global())});
}

std::vector<Node> Generator::padded(std::vector<Node> chain) {
  std::vector<Node> result;
  for (auto& node : chain) {
    while (chance(10))
      result.push_back(Node(F::sub_options, {Node(F::subopt_type, std::uint64_t{0})}));
    if (chance(10)) result.push_back(unknown_sub_option());
    result.push_back(std::move(node));
  }
  return result;
}

void Generator::context_option(Node& tree, C type, std::vector<Node> sub_options) {
  auto node = option(type, {Node(F::naddr, global()), Node(F::paddr, global())});
  if (type == C::icmpopt_shrep_ack && sub_options.empty()) {
    node.children.emplace_back(F::all_received, std::uint64_t{1});
  }
  std::ranges::move(padded(std::move(sub_options)), std::back_inserter(node.children));
  tree.children.push_back(std::move(node));
}

std::vector<Node> Generator::request_chain(bool with_auth, std::size_t space) {
  std::vector<Node> chain;
  if (with_auth) chain.push_back(auth());
  chain.push_back(request(space));
  return chain;
}

std::vector<Node> Generator::reply_chain() {
  std::vector<Node> chain;
  if (chance(20)) {
    chain.push_back(stat(false));
    return chain;
  }
  for (unsigned i = between(1, 5); i > 0; --i) chain.push_back(rep(255));
  if (chance(50)) chain.push_back(stat(true));
  return chain;
}

Node Generator::message(Message id) {
  Node tree(F::message);
  if (message_info(id).carrier == Carrier::icmpv6) {
    tree.children.emplace_back(F::identifier, std::uint64_t{below(65536)});
  }
  const auto list = [&](std::vector<Node> chain) {
    std::ranges::move(padded(std::move(chain)), std::back_inserter(tree.children));
  };
  switch (id) {
    case Message::hi:
      tree.children.emplace_back(F::flag_s, std::uint64_t{below(2)});
      tree.children.emplace_back(F::flag_u, std::uint64_t{below(2)});
      tree.children.push_back(address_option(1));
      if (chance(50)) tree.children.push_back(address_option(2));
      if (chance(50)) {
        tree.children.push_back(option(C::icmpopt_lla, {Node(F::opt_subtype, std::uint64_t{2}),
                                                        Node(F::opt_lla, octets(between(5, 20)))}));
      }
      if (chance(80)) {
        std::vector<Node> chain;
        chain.push_back(auth());
        for (unsigned i = between(1, 4); i > 0; --i) chain.push_back(rep(255));
        context_option(tree, C::icmpopt_ushrep, std::move(chain));
      }
      break;
    case Message::hack:
      tree.children.emplace_back(F::code, std::uint64_t{below(5)});
      [[fallthrough]];
    case Message::shrep_ack: {
      std::vector<Node> chain;
      for (unsigned i = below(4); i > 0; --i) chain.push_back(stat(chance(50)));
      context_option(tree, C::icmpopt_shrep_ack, std::move(chain));
      break;
    }
    case Message::shreq: context_option(tree, C::icmpopt_shreq, request_chain(true, 250)); break;
    case Message::shrep: context_option(tree, C::icmpopt_shrep, reply_chain()); break;
    case Message::shin:
    case Message::pshin:
      tree.children.emplace_back(id == Message::shin ? F::paddr : F::naddr, global());
      tree.children.emplace_back(F::router, global());
      list(request_chain(id == Message::shin, 150));
      break;
    case Message::shak: {
      std::vector<Node> chain;
      chain.push_back(stat(chance(70)));
      for (unsigned i = below(4); i > 0; --i) chain.push_back(ack());
      list(std::move(chain));
      break;
    }
    case Message::mip4_request:
      tree.children.emplace_back(F::mip4_router, global());
      tree.children.emplace_back(F::mip4_old_coa, v4());
      list(request_chain(true, 150));
      break;
    case Message::mip4_reply: list({stat(chance(50))}); break;
    case Message::none: break;
  }
  return tree;
}

void Generator::mutate(Octets& octets) {
  constexpr std::uint8_t edges[] = {0, 1, 2, 3, 4, 7, 8, 16, 64, 127, 128, 254, 255};
  for (unsigned i = between(1, 4); i > 0 && octets.size() > 1; --i) {
    const auto at = 1 + below(static_cast<std::uint32_t>(octets.size()) - 1);
    const auto place = octets.begin() + at;
    switch (below(6)) {
      case 0: *place = static_cast<std::uint8_t>(below(256)); break;
      case 1: *place = edges[below(std::size(edges))]; break;
      case 2: *place = static_cast<std::uint8_t>(*place ^ 1U << below(8)); break;
      case 3: octets.insert(place, static_cast<std::uint8_t>(below(256))); break;
      case 4: octets.erase(place); break;
      default: {
        const auto count = std::min<std::size_t>(between(1, 20), octets.size() - at);
        const Octets copy(place, place + static_cast<std::ptrdiff_t>(count));
        octets.insert(place, copy.begin(), copy.end());
        break;
      }
    }
  }
}

}  // namespace secct::test
