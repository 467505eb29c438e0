// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/scenario/fast/packet_builder.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "generator/description/mobile_nodes.hpp"
#include "generator/scenario/fast/template_cache.hpp"

namespace secct::generator {
namespace {

class TemplateBuilder final : public PacketBuilder {
 public:
  TemplateBuilder(const RouterDescription& description, std::size_t steps,
                  CompleteInputs complete_inputs, LayOut lay_out)
      : complete_inputs_(std::move(complete_inputs)),
        lay_out_(std::move(lay_out)),
        nodes_(description, Role::nr),
        verified_(steps) {}

  const Octets& build(const PacketRequest& request,
                      const std::function<Octets()>& from_document) override {
    if (!templates_) learn_templates();
    const auto step = request.step;
    if (!templates_->has(step)) return octets_ = from_document();
    auto& state = state_of(request);
    templates_->build(step, state, request.router_number, octets_);
    if (!verified_[step]) {
      verified_[step] = true;
      // Probe values cannot show everything: two SAs of the description may have the same SPI.
      auto expected = from_document();
      if (expected != octets_) {
        templates_->drop(step);
        octets_ = std::move(expected);
      }
    }
    return octets_;
  }

  bool has_template(std::size_t step) const override { return templates_ && templates_->has(step); }

 private:
  struct Slot {
    TemplateCache::NodeState state;
    std::optional<std::uint32_t> handover;  // whose mobile node `state` is of
  };

  void learn_templates() {
    inputs_.node = nodes_.blank();
    fill_inputs(0);
    templates_.emplace(nodes_, inputs_, verified_.size(), lay_out_);
  }

  void fill_inputs(std::uint32_t handover) {
    nodes_.renumber(inputs_.node, handover + 1);
    complete_inputs_(inputs_, handover);
  }

  TemplateCache::NodeState& state_of(const PacketRequest& request) {
    if (request.slot >= slots_.size()) slots_.resize(request.slot + 1);
    auto& slot = slots_[request.slot];
    if (!slot) slot = std::make_unique<Slot>(TemplateCache::NodeState(*templates_), std::nullopt);
    if (slot->handover != request.handover) {
      fill_inputs(request.handover);
      slot->state.assign(*templates_, inputs_);
      slot->handover = request.handover;
    }
    return slot->state;
  }

  CompleteInputs complete_inputs_;
  LayOut lay_out_;
  MobileNodeFactory nodes_;
  PacketInputs inputs_;
  std::optional<TemplateCache> templates_;
  std::vector<bool> verified_;  // steps whose template was compared with the document
  std::vector<std::unique_ptr<Slot>> slots_;
  Octets octets_;
};

}  // namespace

std::unique_ptr<PacketBuilder> make_packet_builder(const RouterDescription& description,
                                                   std::size_t steps,
                                                   PacketBuilder::CompleteInputs complete_inputs,
                                                   PacketBuilder::LayOut lay_out) {
  return std::make_unique<TemplateBuilder>(description, steps, std::move(complete_inputs),
                                           std::move(lay_out));
}

}  // namespace secct::generator
