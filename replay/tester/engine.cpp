// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/engine.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "generator/transmit/port.hpp"
#include "network/datagram.hpp"
#include "replay/suite/case_needs.hpp"
#include "replay/tester/case_run.hpp"
#include "replay/wire/described_addresses.hpp"

namespace secct::replay {
namespace {

constexpr double alive_wait = 1;  // seconds for an echo reply of a router that lives
constexpr int alive_tries = 4;
constexpr std::uint16_t liveness_identifier = 0xfffe;
constexpr const char* unharmed_clause = "ROBUST-9";

// A case with its control (when it has a mutation) and the run of the case itself.
struct Job {
  const Case* test = nullptr;
  const RouterDescription* description = nullptr;
  NodeRange nodes;
  std::unique_ptr<CaseRun> run;
  bool control = false;    // `run` is the control
  bool alone = false;      // nothing else runs beside it
  bool suspect = false;    // may have stopped the router
  std::string capability;  // not declared: the case is a probe for it
  unsigned attempts = 0;
  std::optional<CaseResult> first;  // of an attempt that did not pass
  CaseResult result;

  bool running() const { return run != nullptr; }
};

class Engine {
 public:
  Engine(std::span<const Case* const> cases, const RouterDescription& description, Link& link,
         const EngineOptions& options)
      : description_(description),
        link_(link),
        options_(options),
        observer_(description.codepoints, link.order()) {
    jobs_.resize(cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) jobs_[i].test = cases[i];
    router_keys_ = description.keyring();
  }

  std::vector<CaseResult> run() {
    enqueue();
    if (!pending_.empty() && description_.liveness_echo && !alive()) {
      give_up(Verdict::setup_fail,
              fmt::format("the router does not answer an echo request at {}{}",
                          to_text(description_.address), options_.circumstances));
    }
    while (!pending_.empty() || active_ > 0) {
      start_jobs();
      if (active_ == 0 && !waits_to_start()) continue;
      step(next_deadline());
      finished_runs_.clear();
      if (!doubt_) continue;
      doubt_ = false;
      if (description_.liveness_echo && !alive()) died();
    }
    std::vector<CaseResult> results;
    results.reserve(jobs_.size());
    for (auto& job : jobs_) results.push_back(std::move(job.result));
    return results;
  }

 private:
  // --- what is to be run

  void enqueue() {
    std::set<std::string> probed;
    std::deque<Job*> alone;
    for (auto& job : jobs_) {
      const auto& needs = job.test->needs;
      const auto missing = undeclared(needs, description_);
      const auto lack = lacking(needs, description_, job.test->role);
      job.nodes = nodes_for(needs, description_, job.test->role).value_or(NodeRange{});
      job.description =
          chooses_sas(needs, job.test->role) ? &description_with(needs.sas) : &description_;
      if (lack || missing.size() > 1) {
        unsupported(job, missing.empty() ? *lack : "needs the capability " + missing.front());
      } else if (!missing.empty()) {
        job.capability = missing.front();
        unsupported(job, "needs the capability " + job.capability);
        // One case tells whether the router can it nevertheless.
        if (probed.insert(job.capability).second) pending_.push_back(&job);
      } else {
        (job.test->quiet ? alone : pending_).push_back(&job);
      }
    }
    for (auto* job : alone) {
      job->alone = true;
      pending_.push_back(job);
    }
  }

  void unsupported(Job& job, std::string text) {
    job.result.verdict = Verdict::unsupported;
    job.result.failure.text = std::move(text);
    if (options_.progress) options_.progress(++done_, jobs_.size());
  }

  // The description with other SAs of the mobile nodes: one for each such list.
  const RouterDescription& description_with(const std::vector<SaPattern>& sas) {
    const auto found = std::ranges::find_if(
        labs_, [&](const auto& description) { return description.sas == sas; });
    if (found != labs_.end()) return *found;
    labs_.push_back(description_);
    labs_.back().sas = sas;
    return labs_.back();
  }

  void start_jobs() {
    while (!pending_.empty() && (options_.jobs == 0 || active_ < options_.jobs)) {
      auto& job = *pending_.front();
      if (active_ > 0 && (job.alone || one_alone_)) return;
      if (waits_to_start()) return;
      next_start_ = link_.now() + options_.start_interval;
      pending_.pop_front();
      one_alone_ = job.alone;
      ++active_;
      ++job.attempts;
      job.control = job.test->mutation.has_value();
      link_.prepare(*job.test);
      begin(job);
    }
  }

  // Cases start one after another, so that the router's answers do not wait for one another.
  bool waits_to_start() const { return !pending_.empty() && link_.now() < next_start_; }

  void begin(Job& job) {
    auto& used = used_nodes_[job.nodes.first];
    if (used >= job.nodes.count) {
      CaseResult result;
      result.verdict = Verdict::setup_fail;
      result.failure.text = "the router description has too few mobile nodes";
      done(job, std::move(result));
      return;
    }
    const auto number = job.nodes.first + used++;
    const auto identifier = ++identifier_;
    Handover handover(*job.description, job.test->role, number, identifier, counters_);
    by_address_[handover.mobile_node().naddr] = &job;
    by_address_[handover.mobile_node().paddr] = &job;
    by_address_[handover.link_local()] = &job;
    by_address_[RouterDescription::v4_of(number)] = &job;
    by_identifier_[identifier] = &job;
    job.run = std::make_unique<CaseRun>(
        *job.test, job.test->mutation && !job.control, std::move(handover),
        RunTimes{description_.timing_scale, slack_},
        RunEnds{[this, &job](Octets datagram) { send(job, std::move(datagram)); },
                [this](std::uint32_t mobile_node) { return link_.trigger(mobile_node); }});
    job.run->start(link_.now());
    settle(job);
  }

  // What still comes for the mobile node of a run that is over is not for the next run.
  void forget(const CaseRun& run) {
    const auto& handover = run.handover();
    const auto& mn = handover.mobile_node();
    for (const auto& address :
         {mn.naddr, mn.paddr, handover.link_local(), RouterDescription::v4_of(mn.number)}) {
      by_address_[address] = nullptr;
    }
    by_identifier_.erase(handover.identifier());
  }

  // Whatever it is sent from, the answer is the case's.
  void send(Job& job, Octets datagram) {
    const auto parsed = parse_datagram(datagram);
    if (parsed && is_mobile_address(description_, parsed->source))
      by_address_[parsed->source] = &job;
    unanswered_.push_back(&job);
    link_.send(std::move(datagram));
  }

  // What comes after a run that is done: the case behind its control, or nothing.
  void settle(Job& job) {
    if (!job.running() || !job.run->done()) return;
    doubt_ = doubt_ || job.run->unanswered() || job.suspect;
    auto result = job.run->take();
    forget(*job.run);
    finished_runs_.push_back(std::move(job.run));
    if (job.control && result.verdict == Verdict::pass) {
      job.control = false;
      begin(job);
      return;
    }
    if (job.control) {
      // What is no more than NON-STRICT without the mutation is so with it.
      if (result.verdict == Verdict::fail) result.verdict = Verdict::setup_fail;
      result.failure.text = "without the mutation: " + result.failure.text;
    }
    done(job, std::move(result));
  }

  void done(Job& job, CaseResult result) {
    --active_;
    const bool passed = result.verdict == Verdict::pass;
    if (!job.capability.empty()) {
      job.result.failure.text += passed ? ", which is not declared; a probe of it passes"
                                        : "; a probe: " + result.failure.reason();
      job.result.packets = std::move(result.packets);
      return;
    }
    if (!passed && result.verdict != Verdict::tool_error && job.attempts <= options_.retries) {
      if (!job.first) job.first = std::move(result);
      pending_.push_back(&job);
      return;
    }
    if (passed && job.first) {
      result.flaky = true;
      result.failure = job.first->failure;
    }
    job.result = std::move(result);
    if (options_.progress) options_.progress(++done_, jobs_.size());
  }

  // --- time and packets

  Time next_deadline() const {
    Time first = UINT64_MAX;
    for (const auto& job : jobs_) {
      if (!job.running()) continue;
      if (const auto deadline = job.run->deadline()) first = std::min(first, *deadline);
    }
    if (waits_to_start()) first = std::min(first, next_start_);
    return first;
  }

  // One packet, or whatever is due at `until`.
  void step(Time until) {
    if (auto datagram = link_.receive(until)) receive(*datagram);
    const auto now = link_.now();
    for (auto& job : jobs_) {
      if (!job.running()) continue;
      const auto deadline = job.run->deadline();
      if (deadline && *deadline <= now) {
        job.run->advance(now);
        settle(job);
      }
    }
  }

  // Nothing: an address that no case has. A null job: of a run that is over.
  std::optional<Job*> at(const Address& address) {
    const auto found = by_address_.find(address);
    if (found == by_address_.end()) return std::nullopt;
    return found->second;
  }

  // Whose packet is it? The mobile node's addresses tell, in the IP header or in the message; else
  // the Identifier, where it is copied; else the one case that waits for such a message.
  Job* owner(const ReceivedPacket& seen) {
    if (!seen.datagram) return nullptr;
    if (const auto job = at(seen.datagram->destination)) return *job;
    for (const auto field : {Field::paddr, Field::naddr, Field::opt_address}) {
      for (const auto& item : seen.decoded.fields) {
        if (item.field != field) continue;
        if (const auto job = at(seen.decoded.address(item))) return *job;
      }
    }
    const auto identifier = seen.decoded.number(Field::identifier);
    const auto message = seen.decoded.message;
    const bool own = message == Message::shreq || message == Message::hi;
    if (identifier && !own) {
      const auto found = by_identifier_.find(static_cast<std::uint16_t>(*identifier));
      if (found != by_identifier_.end() && found->second->running()) return found->second;
    }
    const auto name = seen.name();
    Job* only = nullptr;
    for (auto& job : jobs_) {
      if (!job.running() || !job.run->waits_for(name)) continue;
      if (only != nullptr) return nullptr;
      only = &job;
    }
    return only;
  }

  bool is_alive_reply(const Datagram& datagram) const {
    const auto* header = datagram.find(ip_proto::icmpv6);
    if (header == nullptr || header->length < 8 || datagram.destination != description_.peer)
      return false;
    const auto octets = datagram.octets_of(*header);
    return octets[0] == icmpv6_type::echo_reply &&
           big_endian(octets.subspan(4, 2)) == liveness_identifier;
  }

  void receive(View datagram) {
    const auto outer = parse_datagram(datagram);
    if (outer && is_alive_reply(*outer)) {
      answered_ = true;
      return;
    }
    auto* job = outer ? at(outer->destination).value_or(nullptr) : nullptr;
    // Towards a mobile node its own SAs protect the packet, towards the router those of the lab.
    const auto& keys = job != nullptr && job->running() ? job->run->keys() : router_keys_;
    ReceivedPacket seen;
    observer_.observe(datagram, keys, seen);
    if (job == nullptr) job = owner(seen);
    if (job == nullptr || !job->running()) return;
    // Packets are dealt with in order: what was sent before is behind the router.
    const auto last = std::ranges::find(unanswered_.rbegin(), unanswered_.rend(), job);
    unanswered_.erase(unanswered_.begin(), last.base());
    job->run->receive(seen, link_.now());
    settle(*job);
  }

  // --- liveness

  // An echo request from the other router's address; while it is out the cases go on.
  bool alive() {
    Layer icmpv6{.kind = LayerKind::icmpv6, .fields = {}, .elements = {}};
    icmpv6.set(HeaderField::icmpv6_type, std::uint64_t{icmpv6_type::echo_request});
    Layer data{.kind = LayerKind::data, .fields = {}, .elements = {}};
    Octets body;
    append_number(body, liveness_identifier, 2);
    append_number(body, 0, 2);
    data.set(HeaderField::data_octets, std::move(body));
    const auto built = build(
        description_.codepoints, {},
        ip_packet(description_.peer, description_.address, {std::move(icmpv6), std::move(data)}));
    for (int i = 0; i < alive_tries; ++i) {
      const auto sent = link_.now();
      answered_ = false;
      link_.send({built.octets.begin() + ethernet_octets, built.octets.end()});
      const auto until =
          sent + static_cast<Time>(alive_wait * description_.timing_scale * 1e9) + slack_;
      while (!answered_ && link_.now() < until) step(std::min(until, next_deadline()));
      if (!answered_) continue;
      slack_ = std::max(slack_, link_.now() - sent);
      return true;
    }
    return false;
  }

  // The router stopped answering. Every case whose packet may have done it is run again, alone,
  // when the router can be brought back; else the first mutated packet is blamed.
  void died() {
    std::vector<Job*> suspects;
    for (auto* job : unanswered_) {
      if (std::ranges::find(suspects, job) == suspects.end()) suspects.push_back(job);
    }
    unanswered_.clear();
    for (auto& job : jobs_) {
      if (job.running() && std::ranges::find(suspects, &job) == suspects.end()) {
        suspects.push_back(&job);
      }
    }
    auto* killer = suspects.size() == 1 ? suspects.front() : nullptr;
    const bool back = ++deaths_ <= 2 * jobs_.size() && bring_back();
    if (killer == nullptr && !back && !suspects.empty()) {
      const auto mutated = std::ranges::find_if(
          suspects, [](const auto* job) { return job->test->mutation && !job->control; });
      killer = mutated != suspects.end() ? *mutated : suspects.front();
    }
    if (killer != nullptr) blame(*killer);
    std::deque<Job*> again;
    for (auto* job : suspects) {
      if (job == killer) continue;
      stop(*job);
      job->alone = job->suspect = true;
      again.push_back(job);
    }
    pending_.insert(pending_.begin(), again.begin(), again.end());
    if (killer != nullptr) {  // the others are innocent
      for (auto* job : pending_) {
        if (job->suspect) job->alone = job->test->quiet;
        job->suspect = false;
      }
    }
    if (!back) {
      give_up(Verdict::inconclusive,
              fmt::format("the router stopped answering in {}{}",
                          killer != nullptr ? killer->test->id : "another case", trouble_));
    }
  }

  bool bring_back() {
    try {
      if (!link_.reset()) return false;
    } catch (const SetupError& error) {
      trouble_ = fmt::format("; {}", error.what());
      return false;
    }
    observer_.forget();
    used_nodes_.clear();
    identifier_ = 0;
    by_address_.clear();
    by_identifier_.clear();
    return alive();
  }

  // Takes a job back that runs or was done too early.
  void stop(Job& job) {
    if (job.running()) {
      job.run->abandon(link_.now(), Verdict::inconclusive, "the router stopped answering");
      finished_runs_.push_back(std::move(job.run));
      --active_;
    } else {
      --done_;
    }
  }

  void blame(Job& job) {
    auto result = std::move(job.result);
    if (job.running()) {
      job.run->abandon(link_.now(), Verdict::fail, "");
      result = job.run->take();
    }
    stop(job);
    result.verdict = Verdict::fail;
    result.failure = {unharmed_clause, "", "an answer", "nothing",
                      "the router stopped answering altogether"};
    for (auto packet = result.packets.rbegin(); packet != result.packets.rend(); ++packet) {
      if (packet->from_router) continue;
      packet->comment += "; " + result.failure.reason();
      break;
    }
    ++active_;  // done() takes it off again
    job.attempts = options_.retries + 1;
    done(job, std::move(result));
  }

  void give_up(Verdict verdict, const std::string& text) {
    while (!pending_.empty()) {
      auto& job = *pending_.front();
      pending_.pop_front();
      ++active_;
      job.attempts = options_.retries + 1;
      CaseResult result;
      result.verdict = verdict;
      result.failure.text = text;
      done(job, std::move(result));
    }
  }

  const RouterDescription& description_;
  Link& link_;
  const EngineOptions& options_;
  PacketInspector observer_;
  Keyring router_keys_;
  Counters counters_;
  std::deque<Job> jobs_;
  std::deque<RouterDescription> labs_;
  std::deque<Job*> pending_;
  std::vector<std::unique_ptr<CaseRun>> finished_runs_;  // may still be on the stack
  std::vector<Job*> unanswered_;  // one entry for each packet sent since the router's last sign
  std::map<Address, Job*> by_address_;
  std::map<std::uint16_t, Job*> by_identifier_;
  Time next_start_ = 0;
  std::size_t active_ = 0;
  std::size_t done_ = 0;
  std::size_t deaths_ = 0;
  bool one_alone_ = false;  // the running job is one that runs alone
  bool doubt_ = false;      // something went unanswered: is the router alive?
  bool answered_ = false;   // the echo request
  Time slack_ = 0;          // the longest round trip that was measured
  std::string trouble_;     // why the router could not be brought back
  std::map<std::uint32_t, std::uint32_t> used_nodes_;  // of the range that begins there
  std::uint16_t identifier_ = 0;
};

}  // namespace

std::vector<CaseResult> run_cases(std::span<const Case* const> cases,
                                  const RouterDescription& description, Link& link,
                                  const EngineOptions& options) {
  return Engine(cases, description, link, options).run();
}

}  // namespace secct::replay
