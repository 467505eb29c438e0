// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/load/load.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "files/yaml_reader.hpp"
#include "generator/handover/handover.hpp"
#include "generator/packet/build.hpp"
#include "network/datagram.hpp"
#include "protocol/decode/decode.hpp"
#include "protocol/tables/numbers.hpp"
#include "protocol/tables/status.hpp"
#include "replay/inspect/inspected_frame.hpp"
#include "replay/inspect/received_packet.hpp"

namespace secct::replay {
namespace {

constexpr std::size_t max_open = 60000;  // the Identifier has 16 bits
constexpr std::size_t batch = 16;  // starts or answers that are processed before the other ones
constexpr Time progress_interval = milliseconds(500);

constexpr double quantiles[] = {0.5, 0.9, 0.99, 0.999, 1};
constexpr const char* quantile_names[] = {"p50", "p90", "p99", "p99.9", "max"};

Time from_seconds(double value) { return static_cast<Time>(value * 1e9); }
double to_seconds(Time time) { return static_cast<double>(time) / 1e9; }

// A handover that has not ended.
struct OpenHandover {
  Handover handover;
  Time started;
  Time sent;                   // when the last message was sent
  std::size_t unanswered = 0;  // HIs that await their HAck
};

class Load {
 public:
  Load(const RouterDescription& description, Link& link, const LoadOptions& options)
      : description_(description),
        link_(link),
        options_(options),
        inspector_(description.codepoints),
        keys_(description.keyring()) {}

  LoadReport run() {
    begin_ = link_.now();
    const auto end = begin_ + from_seconds(options_.duration);
    for (;;) {
      const auto now = link_.now();
      const bool starting = now < end && !stopped() && !report_.out_of_mobile_nodes;
      if (starting) start_due(now);
      if (!starting && open_.empty()) break;
      const bool more = starting && options_.rate <= 0 && open_.size() < limit();
      collect(more ? now : next_event(starting, end));
      process_waiting();
      remove_lost(link_.now());
      report_progress(link_.now());
      if (stopped() && !starting) break;
    }
    report_.lost += open_.size();
    report_.seconds = to_seconds(std::max(last_, begin_) - begin_);
    return std::move(report_);
  }

 private:
  // Receives all packets that have arrived, so that a burst of answers does not overflow the buffer
  // of the kernel. Waits until `until` if there is nothing to process.
  void collect(Time until) {
    constexpr std::size_t max_packets = 4096;
    for (std::size_t i = 0; i < max_packets; ++i) {
      auto datagram = link_.receive(i == 0 && waiting_.empty() ? until : link_.now());
      if (!datagram) return;
      waiting_.emplace_back(link_.now(), std::move(*datagram));
    }
  }

  void process_waiting() {
    for (std::size_t i = 0; i < batch && !waiting_.empty(); ++i) {
      const auto [time, datagram] = std::move(waiting_.front());
      waiting_.pop_front();
      receive(datagram, time);
    }
  }

  bool stopped() const {
    return options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed);
  }

  Time timeout() const { return from_seconds(options_.timeout * description_.timing_scale); }

  // The SHIN of a predictive handover repeats the Replay 0 of the U-SHREP; reactive handovers have
  // another one.
  std::uint8_t replay() const { return options_.kind == LoadKind::predictive ? 0 : 1; }

  std::size_t limit() const {
    return options_.rate > 0 ? max_open : std::min(options_.most_open, max_open);
  }

  Time due(std::uint64_t number) const {
    return begin_ + static_cast<Time>(static_cast<double>(number) / options_.rate * 1e9);
  }

  Time next_event(bool starting, Time end) const {
    auto next = queue_.empty() ? UINT64_MAX : queue_.front().second + timeout();
    if (starting) {
      next = std::min(next, end);
      if (options_.rate > 0) next = std::min(next, due(report_.started));
    }
    if (options_.progress) next = std::min(next, std::max(reported_, begin_) + progress_interval);
    return next;
  }

  void start_due(Time now) {
    while (open_.size() < limit() && !stopped()) {
      if (options_.rate > 0 && due(report_.started) > now) return;
      const auto number = next_mobile_node();
      if (!number) {
        report_.out_of_mobile_nodes = true;
        return;
      }
      start(*number, now);
      // Without a rate, answers are processed after each batch of starts.
      if (options_.rate <= 0 && ++burst_ % batch == 0) return;
    }
  }

  std::optional<std::uint32_t> next_mobile_node() {
    if (options_.next_mobile_node) return options_.next_mobile_node();
    if (next_node_ > description_.mobile_node_count) return std::nullopt;
    return next_node_++;
  }

  void start(std::uint32_t number, Time now) {
    const auto identifier = static_cast<std::uint16_t>(number);
    auto open = std::make_unique<OpenHandover>(OpenHandover{
        Handover(description_, options_.role, number, identifier, counters_), now, now});
    if (options_.role == Role::pr) {
      send(*open, open->handover.shreq());
    } else if (options_.kind == LoadKind::predictive) {
      open->unanswered = send_contexts(*open, Message::hi);
    } else {
      send(*open, open->handover.shin(replay()));
    }
    by_identifier_[identifier] = number;
    open_.emplace(number, std::move(open));
    queue_.emplace_back(number, now);
    ++report_.started;
  }

  void send(OpenHandover& open, const PacketDocument& packet) {
    const auto built = build(description_.codepoints, keys_, packet);
    if (!built.faults.empty()) {
      throw UsageError(fmt::format("cannot build a packet with this router description: {}: {}",
                                   built.faults.front().path, built.faults.front().text));
    }
    open.sent = link_.now();
    link_.send(Octets(built.octets.begin() + ethernet_octets, built.octets.end()));
  }

  // Sends the HIs or SHREPs that all contexts need, and returns their number.
  std::size_t send_contexts(OpenHandover& open, Message message) {
    auto& handover = open.handover;
    const auto parts = handover.parts(message, handover.mobile_node().transferable());
    for (const auto& part : parts) {
      send(open, message == Message::hi ? handover.hi(part) : handover.shrep(part));
    }
    return parts.size();
  }

  void remove_lost(Time now) {
    while (!queue_.empty() && queue_.front().second + timeout() <= now) {
      if (open_.erase(queue_.front().first) > 0) ++report_.lost;
      queue_.pop_front();
    }
  }

  void report_progress(Time now) {
    if (!options_.progress || now < std::max(reported_, begin_) + progress_interval) return;
    reported_ = now;
    report_.seconds = to_seconds(now - begin_);
    options_.progress(report_);
  }

  // The handover of a message: by an address of the mobile node, otherwise by the Identifier
  // (HAck).
  OpenHandover* owner(const Datagram& datagram, const DecodedMessage& decoded) {
    auto number = description_.number_of_naddr(datagram.destination);
    if (const auto* paddr = decoded.find(Field::paddr); !number && paddr != nullptr) {
      number = description_.number_of(decoded.address(*paddr));
    }
    if (!number) {
      const auto identifier = decoded.number(Field::identifier).value_or(0);
      const auto found = by_identifier_.find(static_cast<std::uint16_t>(identifier));
      if (found != by_identifier_.end()) number = found->second;
    }
    if (!number) return nullptr;
    const auto found = open_.find(*number);
    return found == open_.end() ? nullptr : found->second.get();
  }

  // This measures speed, not conformance: neither the ICV of AH nor checksums are verified.
  void receive(View octets, Time now) {
    frame_.inspect(octets);
    if (frame_.outermost() == nullptr) return;
    const auto& datagram = frame_.outermost()->datagram;
    if (!frame_.closed()) {
      for (const auto& message : frame_.messages()) {
        if (decode(description_.codepoints, message.carrier, message.octets, {}, decoded_)) {
          answer(datagram, decoded_, now);
        }
      }
      return;
    }
    const auto number = description_.number_of_naddr(datagram.destination);
    const auto open = number ? open_.find(*number) : open_.end();
    ReceivedPacket packet;
    inspector_.inspect(octets, open != open_.end() ? open->second->handover.keyring() : keys_,
                       packet);
    if (packet.datagram && packet.decoded.message != Message::none) {
      answer(*packet.datagram, packet.decoded, now);
    }
  }

  void answer(const Datagram& datagram, const DecodedMessage& decoded, Time now) {
    auto* open = owner(datagram, decoded);
    if (open == nullptr) return;
    const auto add_latency = [&](LoadPair pair, Time since) {
      report_.latencies[static_cast<std::size_t>(pair)].add(now > since ? now - since : 0);
    };
    const auto status = decoded.number(Field::status);
    const bool good = !status || *status == status::ok;
    switch (decoded.message) {
      case Message::hack:
        add_latency(LoadPair::hi_hack, open->sent);
        if (decoded.number(Field::code).value_or(0) >= hack_code::refused) {
          finish(*open, false, now);
        } else if (open->unanswered > 0 && --open->unanswered == 0) {
          send(*open, open->handover.shin(replay()));
        }
        break;
      case Message::shreq:
        add_latency(LoadPair::shin_shreq, open->sent);
        open->handover.set_reply_identifier(
            static_cast<std::uint16_t>(decoded.number(Field::identifier).value_or(0)));
        send_contexts(*open, Message::shrep);
        break;
      case Message::shrep_ack: add_latency(LoadPair::shrep_ack, open->sent); break;
      case Message::shrep:
        add_latency(LoadPair::shreq_shrep, open->sent);
        finish(*open, good, now);
        break;
      case Message::shak:
        add_latency(LoadPair::shin_shak,
                    options_.kind == LoadKind::reactive ? open->started : open->sent);
        finish(*open, good, now);
        break;
      default: break;
    }
  }

  void finish(OpenHandover& open, bool good, Time now) {
    last_ = now;
    if (good) {
      ++report_.completed;
      report_.latencies[static_cast<std::size_t>(LoadPair::handover)].add(now - open.started);
    } else {
      ++report_.refused;
    }
    open_.erase(open.handover.mobile_node().number);
  }

  const RouterDescription& description_;
  Link& link_;
  const LoadOptions& options_;
  InspectedFrame frame_{no_keys};
  DecodedMessage decoded_;
  PacketInspector inspector_;  // of packets under ESP
  Keyring keys_;
  Counters counters_;
  std::uint32_t next_node_ = 1;
  std::uint32_t burst_ = 0;
  std::deque<std::pair<Time, Octets>> waiting_;
  std::unordered_map<std::uint32_t, std::unique_ptr<OpenHandover>> open_;  // by mobile node
  std::unordered_map<std::uint16_t, std::uint32_t> by_identifier_;         // the last one with it
  std::deque<std::pair<std::uint32_t, Time>> queue_;  // in the order of the starts
  Time begin_ = 0;
  Time last_ = 0;
  Time reported_ = 0;
  LoadReport report_;
};

}  // namespace

Time Latencies::quantile(double fraction) const {
  if (times_.empty()) return 0;
  const auto rank =
      static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(times_.size())));
  const auto place = std::min(times_.size(), std::max<std::size_t>(rank, 1)) - 1;
  const auto nth = times_.begin() + static_cast<std::ptrdiff_t>(place);
  std::ranges::nth_element(times_, nth);
  return *nth;
}

const char* name(LoadPair pair) {
  constexpr const char* names[] = {"HI to HAck",         "SHIN to SHREQ", "SHREQ to SHREP",
                                   "SHREP to SHREP-Ack", "SHIN to SHAK",  "handover"};
  static_assert(std::size(names) == load_pairs);
  return names[static_cast<std::size_t>(pair)];
}

double LoadReport::rate() const {
  return seconds > 0 ? static_cast<double>(completed) / seconds : 0;
}

std::string LoadReport::to_text() const {
  auto text = fmt::format(
      "{} handovers started, {} completed, {} refused, {} lost in {:.3f} s: {:.1f} handovers/s\n",
      started, completed, refused, lost, seconds, rate());
  if (out_of_mobile_nodes)
    text +=
        "the measurement ended early: all mobile nodes of the router description were used up\n";
  text += fmt::format("{:<20}{:>10}", "milliseconds", "count");
  for (const auto* quantile : quantile_names) text += fmt::format("{:>10}", quantile);
  text += '\n';
  for (std::size_t i = 0; i < load_pairs; ++i) {
    if (latencies[i].count() == 0) continue;
    text += fmt::format("{:<20}{:>10}", name(static_cast<LoadPair>(i)), latencies[i].count());
    for (const auto part : quantiles) {
      text += fmt::format("{:>10.3f}", to_seconds(latencies[i].quantile(part)) * 1e3);
    }
    text += '\n';
  }
  return text;
}

std::string LoadReport::to_json() const {
  nlohmann::ordered_json json{{"started", started},
                              {"completed", completed},
                              {"refused", refused},
                              {"lost", lost},
                              {"duration_s", seconds},
                              {"handovers_per_s", rate()},
                              {"out_of_mobile_nodes", out_of_mobile_nodes}};
  auto& all = json["latency_s"] = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < load_pairs; ++i) {
    if (latencies[i].count() == 0) continue;
    auto& pair = all[name(static_cast<LoadPair>(i))];
    pair["count"] = latencies[i].count();
    for (std::size_t q = 0; q < std::size(quantiles); ++q) {
      pair[quantile_names[q]] = to_seconds(latencies[i].quantile(quantiles[q]));
    }
  }
  return json.dump(2) + "\n";
}

LoadReport run_load(const RouterDescription& description, Link& link, const LoadOptions& options) {
  if (options.role == Role::fa) throw UsageError("load: expected role nr or pr, found fa");
  if (options.role == Role::pr && options.kind == LoadKind::predictive) {
    throw UsageError(
        "load: a router in role pr starts predictive handovers itself; use --scenario reactive");
  }
  return Load(description, link, options).run();
}

}  // namespace secct::replay
