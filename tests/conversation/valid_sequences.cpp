// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/conversation/valid_sequences.hpp"

#include "protocol/decode/decode.hpp"
#include "protocol/tables/numbers.hpp"

namespace secct::conversation {
namespace {

using generator::Context;

std::vector<Context> contexts(Capture& capture, std::size_t first, std::size_t count) {
  const auto all = capture.handover().mobile_node().transferable();
  const auto from = all.begin() + static_cast<std::ptrdiff_t>(first);
  return {from, from + static_cast<std::ptrdiff_t>(count)};
}

Capture reactive() { return Capture().add({"shin", "shreq", "shrep", "shrep-ack", "shak"}); }

// The mobile node's SHIN repeats Replay 0 of the U-SHREP.
Capture& add_shin(Capture& capture, std::uint8_t replay, const Edits& edits = {}) {
  return capture.add(capture.handover().shin(replay), edits);
}

Capture& add_reactive(Capture& capture, std::uint8_t replay) {
  add_shin(capture, replay).add(capture.handover().shreq(replay));
  return capture.add({"shrep", "shrep-ack", "shak"});
}

Capture predictive(const Edits& hack = {}) {
  Capture capture;
  capture.add("hi").add("hack", hack);
  return add_shin(capture, 0).add("shak");
}

Capture mobile_initiated() {
  Capture capture;
  capture.add({"p-shin", "hi", "hack"});
  return add_shin(capture, 0).add("shak");
}

Capture mobile_initiated_for_some_sas() {
  Capture capture;
  const auto edits = requests_spis(2);
  capture.add("p-shin", edits);
  auto shin = capture.handover().shin(0);
  const auto token = token_edit(Capture().add(shin, edits));
  capture.add(capture.handover().hi(contexts(capture, 0, 2)), {token});
  return capture.add("hack").add(shin, edits).add("shak");
}

// The P-SHIN has no SecCT-req: the SHIN has R1 (wire-format D23).
Capture mobile_initiated_without_request() {
  Capture capture;
  capture.add("p-shin", {"-sub_options#1"}).add({"hi", "hack"});
  return add_shin(capture, 0).add("shak");
}

// One SecCT-req per SA (wire-format D22).
Capture two_requests() {
  Capture capture;
  const auto all = capture.handover().mobile_node().transferable();
  const auto with_two = [&](generator::PacketDocument packet) {
    generator::repeat_entry(packet, "sub_options#2");
    return packet;
  };
  const Edits edits{"secct.req.spt#1=3", "secct.req.protocol#1=1", "secct.req.spi#1=0x30000042",
                    "secct.req.spt#2=3", "secct.req.protocol#2=0", "secct.req.spi#2=0x10000040"};
  capture.add(with_two(capture.handover().shin(1)), edits);
  capture.add(with_two(capture.handover().shreq()), edits);
  capture.add(capture.handover().shrep({all[2], all[0]}));
  return capture.add({"shrep-ack", "shak"});
}

// SecCT-acks that did not fit into the first SHAK (wire-format D24).
Capture further_shak() {
  Capture capture;
  capture.add({"shin", "shreq", "shrep", "shrep-ack"});
  auto& handover = capture.handover();
  capture.add(handover.shak(status::ok, true, {{1, 0x80, {}}}));
  return capture.add(handover.shak(status::ok, true, {{3, 0x80, {}}}), {"-sub_options#1"});
}

Capture mobile_ipv4() {
  Capture capture;
  capture.handover().use_ipv4();
  return capture.add({"mip4-request", "shreq", "shrep", "shrep-ack", "mip4-reply"});
}

enum class Order { interleaved, separate, grouped };

// The last SHAK names an SA of the second part.
Capture continued(Order order) {
  Capture capture;
  capture.add({"shin", "shreq"});
  const auto part = [&](std::size_t number) {
    capture.add(capture.handover().shrep(contexts(capture, 2 * number, 2)));
  };
  part(0);
  if (order == Order::separate) capture.add({"shrep-ack", "shak"});
  part(1);
  if (order == Order::interleaved) capture.add({"shrep-ack", "shak"});
  if (order == Order::grouped) capture.add("shrep-ack");
  capture.add("shrep-ack");
  if (order == Order::grouped) capture.add("shak");
  return capture.add(capture.handover().shak(status::ok, true, {{3, 0x80, {}}}));
}

// The new router cannot use one context of the first part.
Capture continued_and_partly_refused(Order order) {
  Capture capture;
  auto& handover = capture.handover();
  const auto& codepoints = capture.description().codepoints;
  capture.add({"shin", "shreq"});
  capture.add(handover.shrep(contexts(capture, 0, 3)));
  capture.add(handover.shrep(contexts(capture, 3, 1)));
  capture.add(with_statuses(codepoints, handover.shrep_ack(), {102, 200, 200}));
  if (order == Order::grouped) capture.add("shrep-ack");
  capture.add(handover.shak(102, true));
  if (order == Order::interleaved) capture.add("shrep-ack");
  return capture.add("shak");
}

Capture continued_for_requested_sas() {
  Capture capture;
  const auto edits = requests_spis(4);
  capture.add("shin", edits).add("shreq", edits);
  capture.add(capture.handover().shrep(contexts(capture, 0, 3)));
  capture.add(capture.handover().shrep(contexts(capture, 3, 1)));
  return capture.add({"shrep-ack", "shrep-ack", "shak", "shak"});
}

Capture two_ushreps() {
  Capture capture;
  capture.add(capture.handover().hi(contexts(capture, 0, 2)));
  capture.add(capture.handover().hi(contexts(capture, 2, 2)));
  capture.add({"hack", "hack"});
  return add_shin(capture, 0).add("shak");
}

// Traffic of all SAs before and after the handover; SA 2 gets another SPI at the new router.
Capture with_traffic() {
  Capture capture;
  const auto data = [&](std::size_t sa, bool after) {
    capture.add(
        capture.handover().data({.echo = sa < 2, .after = after, .under = {sa}, .remote = {}}));
  };
  for (const std::size_t sa : {1, 0, 3, 2}) data(sa, false);
  capture.add({"shin", "shreq", "shrep", "shrep-ack"});
  auto& handover = capture.handover();
  capture.add(handover.shak(status::ok, true, {{1, 0x80, {}}}));
  handover.set_spi(1, handover.recomputed_spi(1));
  for (const std::size_t sa : {1, 0, 3, 2}) data(sa, true);
  return capture;
}

Capture retransmissions() {
  Capture capture;
  capture.add({"shin", "shreq"}).wait(0.4).add("shin").wait(0.597).add({"shreq", "shrep"});
  capture.wait(0.995).add({"shreq", "shrep", "shrep-ack", "shak"});
  return capture.wait(0.5).add({"shin", "shak"});
}

// The second SHREQ crosses the first SHREP.
Capture crossing() {
  Capture capture;
  capture.add({"shin", "shreq"}).wait(0.998).add({"shreq", "shrep", "shrep"});
  return capture.add({"shak", "shrep-ack", "shrep-ack"});
}

Capture retransmitted_hi() {
  Capture capture;
  for (int i = 0; i < 5; ++i) capture.add("hi").wait(0.1);
  capture.add("hack");
  return add_shin(capture, 0).add("shak");
}

Capture interleaved(std::uint16_t first, std::uint16_t second) {
  Capture capture;
  for (const auto* message : {"shin", "shreq", "shrep", "shrep-ack", "shak"}) {
    capture.node(1, first).add(message).node(2, second).add(message);
  }
  return capture;
}

// Without U-SHREP and SHREP-Ack, only the Identifier shows which HI a HAck answers.
Capture interleaved_without_contexts(std::uint16_t first, std::uint16_t second) {
  Capture capture;
  capture.node(1, first).add("hi", {"secct.flags.s=1", "-options#4"});
  capture.node(2, second).add("hi", {"-options#4"});
  capture.node(1, first).add("hack", {"secct.code=4", "-options"});
  return capture.node(2, second).add("hack", {"-options"});
}

// One mobile node with two previous addresses.
Capture two_paddrs() {
  Capture capture;
  const auto naddr = to_text(capture.handover().mobile_node().naddr);
  const auto add = [&](std::string_view message, const Edits& edits) {
    capture.node(1).add(message);
    capture.node(2).add(message, edits);
  };
  add("shin", {"ipv6.src=" + naddr});
  for (const auto* message : {"shreq", "shrep", "shrep-ack"})
    add(message, {"secct.naddr=" + naddr});
  return capture;
}

Capture late_hack() {
  Capture capture;
  capture.add("hi");
  return add_shin(capture, 0).add({"shak", "hack"});
}

// The U-SHREP arrives while the SHREQ is pending.
Capture late_hi() {
  Capture capture;
  capture.add({"shin", "shreq", "hi"}).add("hack", {"-options"});
  return capture.add({"shrep", "shrep-ack", "shak"});
}

// The HI leaves the previous router before the SHREQ arrives there.
Capture crossing_hi() {
  Capture capture;
  capture.add({"shin", "hi", "shreq"}).add("hack", {"-options"});
  return capture.add({"shrep", "shrep-ack", "shak"});
}

Capture lost_his() {
  Capture capture;
  for (int i = 0; i < 5; ++i) capture.add("hi").wait(0.1);
  return add_reactive(capture, 0);
}

Capture refused_hi() {
  Capture capture;
  capture.add("hi").add("hack", {"secct.code=128", "-options"});
  return add_reactive(capture, 1);
}

Capture refused() {
  Capture capture;
  capture.add({"shin", "shreq"}).add("shrep-status", {"secct.status=106"});
  return capture.add(capture.handover().shak(106));
}

// Another SHIN succeeds, with the same Identifier or another one.
Capture refused_and_repeated(std::uint16_t identifier) {
  auto capture = refused();
  capture.wait(1).node(1, identifier);
  return add_reactive(capture, 2);
}

// It is refused, and asks for all SAs.
Capture refused_for_some_sas() {
  Capture capture;
  const auto edits = requests_spis(2);
  capture.add("shin", edits).add("shreq", edits).add("shrep-status", {"secct.status=106"});
  capture.add(capture.handover().shak(106)).wait(1);
  return add_reactive(capture, 2);
}

Capture impatient() {
  Capture capture;
  capture.add({"shin", "shreq"}).wait(0.5).node(1, 8);
  return add_reactive(capture, 2);
}

Capture no_answer() {
  Capture capture;
  capture.add("shin");
  for (int i = 0; i < 4; ++i) capture.add("shreq").wait(1);
  return capture.add(capture.handover().shak(106));
}

// The mobile node returns and moves again, to the same new router.
Capture twice() {
  auto capture = reactive();
  capture.wait(10).node(1, 8);
  return add_reactive(capture, 2);
}

Capture reactive_then_predictive() {
  auto capture = reactive();
  capture.wait(2).add({"hi", "hack"});
  return add_shin(capture, 0).add("shak");
}

Capture predictive_then_reactive() {
  auto capture = predictive();
  capture.wait(2);
  return add_reactive(capture, 1);
}

// The new router has forgotten the U-SHREP, and the previous router the contexts.
Capture late_shin() {
  Capture capture;
  capture.add({"hi", "hack"}).wait(20);
  add_shin(capture, 0).add(capture.handover().shreq(0));
  capture.add("shrep-status", {"secct.status=104"});
  return capture.add(capture.handover().shak(104));
}

Capture other_naddr() {
  Capture capture;
  capture.add({"hi", "hack"});
  add_shin(capture, 0, {"ipv6.src=2001:db8:20::77"});
  return capture.add(capture.handover().shak(104), {"ipv6.dst=2001:db8:20::77"});
}

Capture other_token() {
  Capture capture;
  capture.add({"hi", "hack"});
  add_shin(capture, 1).add(capture.handover().shak(105));
  return add_shin(capture, 0).add("shak");
}

Capture partly_refused() {
  Capture capture;
  auto& handover = capture.handover();
  capture.add({"shin", "shreq", "shrep"});
  capture.add(
      with_statuses(capture.description().codepoints, handover.shrep_ack(), {200, 106, 200, 200}));
  return capture.add(handover.shak(106, true));
}

// The new router assigns the address.
Capture stateful() {
  Capture capture;
  capture.add("hi", {"secct.flags.s=1", "secct.naddr=::", "-options#2"});
  auto hack = capture.handover().hack();
  auto& options = hack.message()->children;
  options.insert(
      options.end() - 1,
      generator::address_option(capture.description().codepoints, address_subtype::new_care_of,
                                capture.handover().mobile_node().naddr));
  capture.add(std::move(hack), {"secct.code=3"});
  return add_shin(capture, 0).add("shak");
}

// The previous router refuses the P-SHIN; the mobile node fetches its SAs reactively.
Capture refused_pshin() {
  Capture capture;
  capture.add("p-shin");
  auto shak = capture.handover().shak(106);
  capture.add(std::move(shak), {"ipv6.src=" + to_text(capture.handover().pr()),
                                "ipv6.dst=" + to_text(capture.handover().mobile_node().paddr)});
  return add_reactive(capture, 1);
}

Capture confidential() {
  auto description = generator::built_in_description();
  description.policies.confidential = true;
  Capture capture(description);
  capture.add({"shin", "shreq", "shrep", "shrep-ack", "shak"}).wait(1).node(2).add({"hi", "hack"});
  return add_shin(capture, 0).add("shak");
}

}  // namespace

Edits requests_spis(std::size_t count) {
  const std::string protocols[] = {"0", "0", "1", "1"};
  const std::string spis[] = {"0x10000040", "0x20000041", "0x30000042", "0x40000043"};
  std::string protocol;
  std::string spi;
  for (std::size_t i = 0; i < count; ++i) {
    protocol += (i > 0 ? ", " : "") + protocols[i];
    spi += (i > 0 ? ", " : "") + spis[i];
  }
  return {"secct.req.spt=3", "secct.req.protocol=[" + protocol + "]",
          "secct.req.spi=[" + spi + "]"};
}

std::string token_edit(const Capture& capture) {
  constexpr std::size_t option_at = 14 + 40 + 2;  // Ethernet, IPv6, Destination Options
  const auto octets = View(capture.frames().back().octets).subspan(option_at);
  DecodedMessage decoded;
  EXPECT_TRUE(decode(capture.description().codepoints, Carrier::dstopt,
                     octets.first(octets[1] + std::size_t{2}), {}, decoded));
  return "secct.auth.token=" + std::to_string(decoded.number(Field::auth_token).value_or(0));
}

std::vector<ValidSequence> valid_sequences() {
  std::vector<ValidSequence> all{
      {"reactive", reactive()},
      {"predictive", predictive()},
      {"mobile-initiated", mobile_initiated()},
      {"mobile-initiated, some SAs", mobile_initiated_for_some_sas()},
      {"mobile-initiated, no request", mobile_initiated_without_request()},
      {"two requests", two_requests()},
      {"further SHAK", further_shak()},
      {"Mobile IPv4", mobile_ipv4()},
      {"continued, interleaved", continued(Order::interleaved), {}, {}, 2},
      {"continued, separate", continued(Order::separate), {}, {}, 2},
      {"continued, grouped", continued(Order::grouped), {}, {}, 2},
      {"continued, partly refused", continued_and_partly_refused(Order::interleaved), {}, {}, 2},
      {"continued, partly refused, grouped",
       continued_and_partly_refused(Order::grouped),
       {},
       {},
       1},
      {"continued, requested SAs", continued_for_requested_sas()},
      {"two U-SHREPs", two_ushreps()},
      {"traffic", with_traffic()},
      {"retransmissions",
       retransmissions(),
       {"3 retransmission", "4 retransmission", "6 retransmission", "7 retransmission",
        "10 retransmission", "11 retransmission"}},
      {"crossing", crossing(), {"3 retransmission", "5 retransmission", "8 retransmission"}},
      {"retransmitted HI",
       retransmitted_hi(),
       {"2 retransmission", "3 retransmission", "4 retransmission", "5 retransmission"}},
      {"interleaved", interleaved(1, 2)},
      {"interleaved, one Identifier", interleaved(7, 7)},
      {"interleaved, no contexts", interleaved_without_contexts(1, 2)},
      {"interleaved, no contexts, one Identifier", interleaved_without_contexts(7, 7), {}, {}, 0},
      {"two Paddrs", two_paddrs(), {}, {}, 1},
      {"late HAck", late_hack()},
      {"late HI", late_hi()},
      {"crossing HI", crossing_hi()},
      {"lost HIs",
       lost_his(),
       {"2 retransmission", "3 retransmission", "4 retransmission", "5 retransmission"}},
      {"refused HI", refused_hi()},
      {"refused", refused()},
      {"refused and repeated", refused_and_repeated(8), {}, {}, 2},
      {"refused and repeated, one Identifier", refused_and_repeated(7), {}, {}, 2},
      {"refused for some SAs", refused_for_some_sas(), {}, {}, 2},
      {"impatient", impatient(), {}, {}, 1},
      {"no answer", no_answer(), {"3 retransmission", "4 retransmission", "5 retransmission"}},
      {"twice", twice()},
      {"reactive, then predictive", reactive_then_predictive()},
      {"predictive, then reactive", predictive_then_reactive(), {}, {}, 2},
      {"late SHIN", late_shin()},
      {"other Naddr", other_naddr()},
      {"other token", other_token(), {"3 token_differs"}, {}, 1},
      {"partly refused", partly_refused()},
      {"stateful", stateful()},
      {"refused P-SHIN", refused_pshin()},
      {"confidential", confidential()},
      {"confidential, without keys",
       confidential(),
       {"4 request_hidden", "7 request_hidden"},
       {.router_keys = false}}};
  const auto count = all.size();
  for (std::size_t i = 0; i < count; ++i) {
    auto without = all[i];
    if (!without.options.router_keys) continue;
    without.name += ", without keys of tokens";
    without.options.token_keys = false;
    all.push_back(std::move(without));
  }
  return all;
}

}  // namespace secct::conversation
