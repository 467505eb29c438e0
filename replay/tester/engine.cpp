// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/tester/engine.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "generator/transmit/port.hpp"
#include "network/datagram.hpp"
#include "replay/suite/case_needs.hpp"
#include "replay/tester/case/answer_times.hpp"
#include "replay/tester/job.hpp"
#include "replay/tester/liveness.hpp"
#include "replay/tester/mobile_node_pool.hpp"
#include "replay/tester/pace.hpp"
#include "replay/tester/packet_owners.hpp"
#include "replay/tester/setup_check.hpp"
#include "replay/wire/described_addresses.hpp"

namespace secct::replay {
namespace {

constexpr double probe_seconds = 1;  // in which the router must answer an echo request
constexpr int probe_attempts = 4;
constexpr std::uint16_t probe_identifier = 0xfffe;
constexpr Time jitter = milliseconds(50);         // RunTiming
constexpr Time start_interval = milliseconds(3);  // of cases on a network
constexpr const char* liveness_clause = "ROBUST-9";

class Engine {
 public:
  Engine(std::span<const Case* const> cases, const RouterDescription& description, Link& link,
         const EngineOptions& options)
      : description_(description),
        link_(link),
        options_(options),
        inspector_(description.codepoints),
        router_keys_(description.keyring()),
        list_(cases, description, options.probes),
        any_mobile_node_(description.with_all_mobile_nodes()),
        owners_(link.is_fresh() ? nullptr : &any_mobile_node_),
        probe_(description, probe_identifier),
        pace_(options.jobs, link.is_network() ? options.rate : 0,
              link.is_network() ? start_interval : 0) {
    for (const auto* job : list_.queue) {
      pool_.reserve(job->mobile_nodes, job->test_case->role, mobile_nodes_used(*job->test_case, 0));
    }
  }

  std::vector<CaseResult> run() {
    for (const auto& job : list_.jobs) {
      if (job.result.verdict == Verdict::unsupported) count_done();
    }
    if (!list_.queue.empty() && description_.liveness_echo && !is_alive()) {
      const auto text = fmt::format("the router does not answer an echo request at {}{}",
                                    to_text(description_.address), options_.circumstances);
      if (options_.check_setup) {
        throw SetupError(
            fmt::format("SETUP: {}; a firewall may drop it; `liveness: none` is for "
                        "routers that answer none",
                        text));
      }
      end_queued(Verdict::setup_fail, text);
    }
    if (!list_.queue.empty()) prepare();
    while (!list_.queue.empty() || active_ > 0) {
      start_jobs();
      if (active_ == 0 && !waits_to_start()) continue;
      step(next_deadline());
      ended_runs_.clear();
      if (!check_liveness_) continue;
      check_liveness_ = false;
      if (description_.liveness_echo && !is_alive()) handle_stopped_router();
    }
    note_pace();
    std::vector<CaseResult> results;
    results.reserve(list_.jobs.size());
    for (auto& job : list_.jobs) results.push_back(std::move(job.result));
    return results;
  }

 private:
  // --- before the first case

  void note(const std::string& sentence) const {
    if (options_.note) options_.note(sentence);
  }

  // Chooses the mobile nodes and checks the set-up. Throws SetupError.
  void prepare() {
    const SetupOptions setup{{all_roles.begin(), all_roles.end()},
                             options_.first_mobile_node,
                             options_.locate,
                             options_.note,
                             options_.circumstances};
    start_mobile_nodes(pool_, link_, setup);
    // A router that is not in its initial state may remember the Identifiers of an earlier run.
    if (!link_.is_fresh()) identifier_ = static_cast<std::uint16_t>(link_.now() >> 20);
    if (!options_.check_setup) return;
    SetupCheck check(description_, link_, counters_, identifier_);
    run_setup_check(check, pool_, link_, setup);
    round_trip_ = std::max(round_trip_, check.response_time());
  }

  void note_pace() const {
    if (!link_.is_network() || done_ == 0) return;
    note(fmt::format("{}; longest round trip {:.1f} ms", pace_.text(),
                     static_cast<double>(round_trip_) / 1e6));
    if (pace_.lost() == 0) return;
    note(
        fmt::format("{} case{} passed only after a repetition: the network or the router lost "
                    "packets",
                    pace_.lost(), pace_.lost() == 1 ? "" : "s"));
  }

  // --- jobs

  void count_done() {
    ++done_;
    if (options_.progress) options_.progress(done_, list_.jobs.size());
  }

  void start_jobs() {
    auto& queue = list_.queue;
    while (!queue.empty()) {
      auto& job = *queue.front();
      if (!pace_.may_start(active_, job.lost > 0)) return;
      if (active_ > 0 && (job.alone || job_runs_alone_)) return;
      if (waits_to_start()) return;
      queue.pop_front();
      job.queued = false;
      job_runs_alone_ = job.alone;
      pace_.case_started(link_.now());
      ++active_;
      ++job.attempts;
      job.control = job.test_case->mutation.has_value();
      link_.prepare(*job.test_case);
      start_run(job);
    }
  }

  bool waits_to_start() const { return !list_.queue.empty() && link_.now() < pace_.next_start(); }

  RunTiming timing() const {
    if (!link_.is_network()) return {description_.timing_scale, round_trip_};
    return {description_.timing_scale, round_trip_, least_answer_time, jitter};
  }

  void start_run(Job& job) {
    auto next = next_handover(job);
    if (!next) {
      CaseResult result;
      result.verdict = Verdict::setup_fail;
      result.failure.text =
          "no mobile node is left for a repetition: raise mobile_nodes.count in the router "
          "description and in the router";
      end_attempt(job, std::move(result), false);
      return;
    }
    auto& handover = *next;
    owners_.add(handover, job);
    job.run = std::make_unique<CaseRun>(
        *job.test_case, job.test_case->mutation && !job.control, std::move(handover), timing(),
        RouterAccess{[this, &job](Octets datagram) { send(job, std::move(datagram)); },
                     [this](std::uint32_t mobile_node) { return link_.trigger(mobile_node); },
                     [this, &job] { return new_identifier(job); }, [this] { return link_.now(); }});
    job.run->start(link_.now());
    end_run_if_done(job);
  }

  std::uint16_t new_identifier(Job& job) {
    owners_.add(++identifier_, job);
    return identifier_;
  }

  // The handover of a mobile node that was not used before; std::nullopt if there is none. The SAs
  // that the tester makes must not have an SPI that the router uses already.
  std::optional<Handover> next_handover(const Job& job) {
    const auto role = job.test_case->role;
    while (const auto number = pool_.take(job.mobile_nodes, role)) {
      auto node = job.description->mobile_node(*number, role);
      if (role != Role::pr && has_spi_in_use(node)) continue;
      Handover handover(*job.description, role, std::move(node), ++identifier_, counters_,
                        counters_);
      if (role == Role::pr) handover.number_sas(job.mobile_nodes.sas);
      return handover;
    }
    return std::nullopt;
  }

  bool has_spi_in_use(const MobileNode& node) const {
    return std::ranges::any_of(node.sas, [&](const MobileNodeSa& entry) {
      const auto spi = entry.context.spi;
      const auto& in_use = description_.spi_in_use;
      return std::ranges::find(in_use, spi) != in_use.end() ||
             std::ranges::any_of(description_.router_sas,
                                 [&](const RouterSa& other) { return other.sa.spi == spi; });
    });
  }

  void send(Job& job, Octets datagram) {
    const auto parsed = parse_datagram(datagram);
    if (parsed && is_mobile_address(description_, parsed->source)) {
      owners_.add(parsed->source, job);
    }
    unanswered_.add(job);
    wait_for_turn();
    link_.send(std::move(datagram));
  }

  // Waits until the rate permits another packet. Packets that arrive meanwhile are processed later.
  void wait_for_turn() {
    while (link_.now() < pace_.next_packet()) {
      if (auto datagram = link_.receive(pace_.next_packet()))
        waiting_.emplace_back(link_.now(), std::move(*datagram));
    }
    pace_.packet_sent(link_.now());
  }

  // After a control that passed, starts the run of the case itself.
  void end_run_if_done(Job& job) {
    if (!job.running() || !job.run->done()) return;
    check_liveness_ = check_liveness_ || job.run->unanswered() || job.suspect;
    const bool unanswered = job.run->unanswered();
    const bool time_failed = job.run->time_failed();
    if (link_.is_network()) {
      const auto longest = static_cast<Time>(prompt_answer * description_.timing_scale * 1e9);
      round_trip_ = std::max(round_trip_, std::min(job.run->response_time(), longest));
    }
    auto result = job.run->take_result();
    owners_.remove(job.run->handover());
    ended_runs_.push_back(std::move(job.run));
    if (job.control && result.verdict == Verdict::pass) {
      job.control = false;
      start_run(job);
      return;
    }
    if (job.control) {
      if (result.verdict == Verdict::fail) result.verdict = Verdict::setup_fail;
      if (result.verdict != Verdict::unsupported) {
        result.failure.text = "without the mutation: " + result.failure.text;
      }
    }
    end_attempt(job, std::move(result), time_failed, unanswered);
  }

  // Whether the case runs again, because packets of the attempt may have been lost or late.
  bool repeats_after_loss(const Job& job) const {
    const unsigned most = pace_.lost() > 0 ? 3 : 1;
    return link_.is_network() && job.lost < most;
  }

  void end_attempt(Job& job, CaseResult result, bool time_failed, bool unanswered = false) {
    --active_;
    const bool passed = result.verdict == Verdict::pass;
    if (link_.is_network()) pace_.case_ended(unanswered);
    if (!job.probed_capability.empty()) {
      job.result.failure.text +=
          passed ? "; a probe case passes" : "; a probe case fails: " + result.failure.reason();
      job.result.packets = std::move(result.packets);
      return;
    }
    const bool again = job.attempts <= options_.retries && result.verdict != Verdict::tool_error;
    const bool lost = time_failed && repeats_after_loss(job);
    if (!passed && (again || lost)) {
      if (!job.first) job.first = std::move(result);
      job.lost += lost ? 1 : 0;
      job.queued = true;
      list_.queue.push_back(&job);
      return;
    }
    if (passed && job.lost > 0) pace_.packet_lost();
    if (passed && job.first) {
      result.flaky = true;
      result.failure = job.first->failure;
    }
    job.result = std::move(result);
    count_done();
  }

  // Ends all queued jobs with this verdict.
  void end_queued(Verdict verdict, const std::string& text) {
    while (!list_.queue.empty()) {
      auto& job = *list_.queue.front();
      list_.queue.pop_front();
      CaseResult result;
      result.verdict = verdict;
      result.failure.text = text;
      end_job(job, std::move(result));
    }
  }

  // Ends a job that is not running, whatever the number of attempts.
  void end_job(Job& job, CaseResult result) {
    ++active_;  // end_attempt() decrements it
    job.attempts = options_.retries + 1;
    end_attempt(job, std::move(result), false);
  }

  // --- packets and time

  Time next_deadline() const {
    Time first = UINT64_MAX;
    for (const auto& job : list_.jobs) {
      if (!job.running()) continue;
      if (const auto deadline = job.run->deadline()) first = std::min(first, *deadline);
    }
    if (waits_to_start()) first = std::min(first, pace_.next_start());
    return first;
  }

  // Receives at most one packet, and advances the jobs whose deadline has passed.
  void step(Time until) {
    if (!waiting_.empty()) {
      const auto [arrival, datagram] = std::move(waiting_.front());
      waiting_.pop_front();
      receive(datagram, arrival);
    } else if (auto datagram = link_.receive(until)) {
      receive(*datagram, link_.now());
    }
    const auto now = link_.now();
    for (auto& job : list_.jobs) {
      if (!job.running()) continue;
      const auto deadline = job.run->deadline();
      if (deadline && *deadline <= now) {
        job.run->advance(now);
        end_run_if_done(job);
      }
    }
  }

  void receive(View datagram, Time arrival) {
    const auto outer = parse_datagram(datagram);
    if (outer && probe_.is_reply(*outer)) {
      probe_answered_ = true;
      return;
    }
    auto* job = outer ? owners_.find(outer->destination).value_or(nullptr) : nullptr;
    // A packet to a mobile node is protected by its SAs, one to the router by those of the routers.
    const auto& keys = job != nullptr && job->running() ? job->run->keys() : router_keys_;
    ReceivedPacket packet;
    inspector_.inspect(datagram, keys, packet);
    if (job == nullptr) job = owners_.find(packet, list_.jobs);
    if (job == nullptr || !job->running()) return;
    unanswered_.remove_answered(*job);
    job->run->receive(packet, arrival);
    end_run_if_done(*job);
  }

  // --- liveness

  // Sends echo requests until the router answers one. The other jobs continue meanwhile.
  bool is_alive() {
    const auto wait =
        std::max(static_cast<Time>(probe_seconds * description_.timing_scale * 1e9), shortest_wait);
    for (int i = 0; i < probe_attempts; ++i) {
      const auto sent = link_.now();
      probe_answered_ = false;
      link_.send(probe_.request());
      const auto until = sent + wait + round_trip_;
      while (!probe_answered_ && link_.now() < until) step(std::min(until, next_deadline()));
      if (!probe_answered_) continue;
      round_trip_ = std::max(round_trip_, link_.now() - sent);
      return true;
    }
    return false;
  }

  // Finds the job that stopped the router. If there is only one suspect, that is it. Otherwise all
  // suspects run again, one at a time; if the router cannot be reset, the first suspect with a
  // mutated packet is blamed.
  void handle_stopped_router() {
    const auto suspects = unanswered_.take_suspects(list_.jobs);
    auto* culprit = suspects.size() == 1 ? suspects.front() : nullptr;
    const bool was_reset = ++stops_ <= 2 * list_.jobs.size() && reset();
    if (culprit == nullptr && !was_reset && !suspects.empty()) {
      const auto mutated = std::ranges::find_if(
          suspects, [](const auto* job) { return job->test_case->mutation && !job->control; });
      culprit = mutated != suspects.end() ? *mutated : suspects.front();
    }
    if (culprit != nullptr) blame(*culprit);
    std::deque<Job*> again;
    for (auto* job : suspects) {
      if (job == culprit) continue;
      abort(*job);
      job->alone = job->suspect = true;
      again.push_back(job);
    }
    list_.queue.insert(list_.queue.begin(), again.begin(), again.end());
    if (culprit != nullptr) clear_suspicion();
    if (!was_reset) {
      end_queued(
          Verdict::inconclusive,
          fmt::format("the router stopped answering in {}{}",
                      culprit != nullptr ? culprit->test_case->id : "another case", reset_error_));
    }
  }

  void clear_suspicion() {
    for (auto* job : list_.queue) {
      if (job->suspect) job->alone = job->test_case->quiet;
      job->suspect = false;
    }
  }

  bool reset() {
    try {
      if (!link_.reset()) return false;
    } catch (const SetupError& error) {
      reset_error_ = fmt::format("; {}", error.what());
      return false;
    }
    inspector_.reset();
    pool_.start();
    identifier_ = 0;
    owners_.clear();
    waiting_.clear();
    return is_alive();
  }

  // Reverts a job that is running, or has ended, to one that was not started.
  void abort(Job& job) {
    if (job.queued) {
      std::erase(list_.queue, &job);
      job.queued = false;
    } else if (job.running()) {
      job.run->abandon(link_.now(), Verdict::inconclusive, "the router stopped answering");
      ended_runs_.push_back(std::move(job.run));
      --active_;
    } else {
      --done_;
    }
  }

  void blame(Job& job) {
    auto result = std::move(job.result);
    if (job.running()) {
      job.run->abandon(link_.now(), Verdict::fail, "");
      result = job.run->take_result();
    }
    abort(job);
    result.verdict = Verdict::fail;
    result.failure = {liveness_clause, "", "an echo reply", "none", "the router stopped answering"};
    for (auto packet = result.packets.rbegin(); packet != result.packets.rend(); ++packet) {
      if (packet->from_router) continue;
      packet->comment += "; " + result.failure.reason();
      break;
    }
    end_job(job, std::move(result));
  }

  const RouterDescription& description_;
  Link& link_;
  const EngineOptions& options_;
  PacketInspector inspector_;
  Keyring router_keys_;
  Counters counters_;
  JobList list_;
  RouterDescription any_mobile_node_;
  PacketOwners owners_;
  EchoProbe probe_;
  UnansweredPackets unanswered_;
  std::vector<std::unique_ptr<CaseRun>> ended_runs_;  // their functions may still be on the stack
  Pace pace_;
  MobileNodePool pool_;
  std::deque<std::pair<Time, Octets>> waiting_;  // received at this time, not processed
  Time round_trip_ = 0;                          // the longest one that was measured
  std::size_t active_ = 0;
  std::size_t done_ = 0;
  std::size_t stops_ = 0;  // how often the router stopped
  bool job_runs_alone_ = false;
  bool check_liveness_ = false;
  bool probe_answered_ = false;
  std::string reset_error_;
  std::uint16_t identifier_ = 0;  // of the last exchange
};

}  // namespace

std::vector<CaseResult> run_cases(std::span<const Case* const> cases,
                                  const RouterDescription& description, Link& link,
                                  const EngineOptions& options) {
  return Engine(cases, description, link, options).run();
}

}  // namespace secct::replay
