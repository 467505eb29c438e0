// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/write.hpp"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "files/diagnostics.hpp"
#include "files/output_file.hpp"
#include "files/yaml_reader.hpp"
#include "generator/capture/pcap.hpp"
#include "generator/capture/pcapng.hpp"
#include "generator/document/link_names.hpp"

namespace secct::generator {
namespace {

constexpr std::size_t buffer_octets = std::size_t{1} << 17;
constexpr std::uint64_t second = CaptureInterface::nanoseconds;
constexpr std::uint64_t microseconds_per_second = 1'000'000;

bool is_pcap_name(const std::string& file) {
  constexpr std::string_view suffix = ".pcap";
  if (file.size() < suffix.size()) return false;
  const auto end = std::string_view(file).substr(file.size() - suffix.size());
  return std::ranges::equal(
      end, suffix, [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

std::uint16_t number_of(const std::string& file, LinkType link) {
  if (const auto number = link_number(link)) return *number;
  throw UsageError(
      fmt::format("{}: a capture file cannot hold the link-layer type {}", file, link_name(link)));
}

Octets pcapng_header(const std::string& file, const CaptureHeader& header) {
  Octets octets;
  pcapng::append_section(octets, header.section);
  for (const auto& interface : header.interfaces) {
    pcapng::append_interface(octets, number_of(file, interface.link), interface);
  }
  return octets;
}

// A pcap file has one link-layer type and one resolution.
struct PcapProperties {
  bool nanoseconds;
  std::uint32_t snapshot_octets;
};

PcapProperties pcap_properties(const std::string& file, const CaptureHeader& header) {
  const auto& first = header.interfaces.front();
  PcapProperties properties{false, 0};
  for (const auto& interface : header.interfaces) {
    if (interface.link != first.link) {
      throw UsageError(
          fmt::format("{}: a pcap file has one link-layer type, but the packets have {} and {}; "
                      "write a file with the suffix .pcapng",
                      file, link_name(first.link), link_name(interface.link)));
    }
    properties.nanoseconds |= microseconds_per_second % interface.units_per_second != 0;
    const auto snapshot =
        interface.snapshot_octets == 0 ? pcap::longest_packet : interface.snapshot_octets;
    properties.snapshot_octets = std::max(properties.snapshot_octets, snapshot);
  }
  return properties;
}

bool has_options(const CaptureHeader& header) {
  return !header.section.empty() || header.interfaces.size() > 1 ||
         std::ranges::any_of(header.interfaces,
                             [](const auto& interface) { return !interface.options.empty(); });
}

CaptureHeader one_interface(LinkType link) {
  CaptureHeader header;
  header.interfaces.emplace_back().link = link;
  return header;
}

}  // namespace

struct CaptureWriter::State {
  State(const std::string& name, CaptureHeader given)
      : header(std::move(given)), file_name(name), is_pcap(is_pcap_name(name)) {
    buffer.reserve(buffer_octets);
    if (is_pcap) {
      const auto [nanoseconds, snapshot_octets] = pcap_properties(name, header);
      units_per_second = nanoseconds ? second : microseconds_per_second;
      pcap::append_header(buffer, number_of(name, header.interfaces.front().link), snapshot_octets,
                          nanoseconds);
    } else {
      append(buffer, pcapng_header(name, header));
    }
    file.emplace(name);
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw UsageError(fmt::format("{}: packet {}: {}", file_name, packets + 1, what));
  }

  // The time of a packet in units of its interface, or of the pcap file.
  std::uint64_t units(std::uint64_t time, std::uint64_t per_second) const {
    const auto units = to_units(time, per_second);
    if (units) return *units;
    fail(fmt::format("the time {}.{:09} does not fit the resolution of the interface, 1/{} s",
                     time / second, time % second, per_second));
  }

  void write_pcapng(const CaptureRecord& record, std::uint32_t wire_octets) {
    for (const auto& comment : record.comments) {
      if (comment.size() <= pcapng::longest_option) continue;
      fail(fmt::format("a comment of {} octets is too long; a pcapng file holds at most {}",
                       comment.size(), pcapng::longest_option));
    }
    const auto per_second = header.interfaces.at(record.interface).units_per_second;
    pcapng::append_packet(buffer, {record.interface, units(record.time, per_second), record.octets,
                                   wire_octets, record.comments});
  }

  void write_pcap(const CaptureRecord& record, std::uint32_t wire_octets) {
    const auto seconds = record.time / second;
    if (seconds > UINT32_MAX) {
      fail(
          fmt::format("the time {} s does not fit into 32 bits; write a file with the suffix "
                      ".pcapng",
                      seconds));
    }
    left_out_comments += record.comments.size();
    pcap::append_packet(buffer, {static_cast<std::uint32_t>(seconds),
                                 static_cast<std::uint32_t>(units(record.time, units_per_second) -
                                                            seconds * units_per_second),
                                 record.octets, wire_octets});
  }

  void report_left_out() const {
    if (!is_pcap) return;
    if (left_out_comments > 0) {
      files::print_diagnostic(
          "secct: {}: a pcap file has no comments: {} left out; write a file with the suffix "
          ".pcapng to keep {}\n",
          file_name, left_out_comments, left_out_comments == 1 ? "it" : "them");
    }
    if (has_options(header)) {
      files::print_diagnostic(
          "secct: {}: a pcap file does not describe interfaces: their properties are left out; "
          "write a file with the suffix .pcapng to keep them\n",
          file_name);
    }
  }

  void flush() {
    file->write(buffer);
    buffer.clear();
  }

  CaptureHeader header;
  std::string file_name;
  bool is_pcap;
  std::uint64_t units_per_second = second;  // of a pcap file
  std::size_t packets = 0;
  std::size_t left_out_comments = 0;
  Octets buffer;
  std::optional<OutputFile> file;
};

CaptureWriter::CaptureWriter(const std::string& file, LinkType link)
    : CaptureWriter(file, one_interface(link)) {}

CaptureWriter::CaptureWriter(const std::string& file, CaptureHeader header)
    : state_(std::make_unique<State>(file, std::move(header))) {}

CaptureWriter::~CaptureWriter() = default;

void CaptureWriter::write(std::uint64_t time, View octets, const std::string& comment) {
  CaptureRecord record{time, octets, {}, 0, std::nullopt};
  if (!comment.empty()) record.comments = std::span(&comment, 1);
  write(record);
}

void CaptureWriter::write(const CaptureRecord& record) {
  const auto wire_octets =
      record.wire_octets.value_or(static_cast<std::uint32_t>(record.octets.size()));
  if (state_->is_pcap) {
    state_->write_pcap(record, wire_octets);
  } else {
    state_->write_pcapng(record, wire_octets);
  }
  ++state_->packets;
  if (state_->buffer.size() >= buffer_octets) state_->flush();
}

void CaptureWriter::close() {
  state_->flush();
  state_->file->close();
  state_->report_left_out();
}

}  // namespace secct::generator
