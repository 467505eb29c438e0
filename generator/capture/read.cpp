// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/read.hpp"

#include <glib.h>

#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <wiretap/wtap.h>
#include <wiretap/wtap_opttypes.h>
#include <wsutil/buffer.h>

#include "files/yaml_reader.hpp"
#include "generator/document/link_names.hpp"

namespace secct::generator {
namespace {

constexpr std::uint64_t second = 1000000000;

std::string take_text(gchar* text) {
  std::string result = text != nullptr ? text : "";
  g_free(text);
  return result;
}

std::string error_text(int error, gchar* info) {
  const auto detail = take_text(info);
  if (error == WTAP_ERR_SHORT_READ) return "the capture is cut short";
  const char* text = error > 0 ? std::strerror(error) : wtap_strerror(error);
  // Texts of wiretap may contain %s for the name of the file, with which our message begins
  // already.
  std::string message = text;
  if (message.find('%') != std::string::npos) message = "not a capture file";
  return detail.empty() ? message : fmt::format("{} ({})", message, detail);
}

void add_comments(wtap_block_t block, std::vector<std::string>& comments) {
  if (block == nullptr) return;
  const auto count = wtap_block_count_option(block, OPT_COMMENT);
  for (guint i = 0; i < count; ++i) {
    char* comment = nullptr;
    if (wtap_block_get_nth_string_option_value(block, OPT_COMMENT, i, &comment) ==
        WTAP_OPTTYPE_SUCCESS) {
      comments.emplace_back(comment);
    }
  }
}

void add_interface(wtap_block_t block, CaptureBlocks& blocks) {
  const auto* fields =
      static_cast<const wtapng_if_descr_mandatory_t*>(wtap_block_get_mandatory_data(block));
  auto& interface = blocks.interfaces.emplace_back();
  interface.link = static_cast<LinkType>(fields->wtap_encap);
  add_comments(block, interface.comments);
  for (guint i = 0; i < fields->num_stat_entries; ++i) {
    add_comments(g_array_index(fields->interface_statistics, wtap_block_t, i), blocks.comments);
  }
}

// Adds the blocks that wiretap does not return as records.
void add_blocks(wtap* file, CaptureBlocks& blocks) {
  for (guint i = 0; i < wtap_file_get_num_shbs(file); ++i) {
    add_comments(wtap_file_get_shb(file, i), blocks.comments);
  }
  add_comments(wtap_file_get_nrb(file), blocks.comments);
  // The list is a copy that refers to the blocks of the file.
  auto* interfaces = wtap_file_get_idb_info(file);
  const auto* list = interfaces->interface_data;
  for (guint i = 0; i < list->len; ++i) {
    add_interface(g_array_index(list, wtap_block_t, i), blocks);
  }
  g_free(interfaces);
}

// The buffers of wiretap; freed even if the callback throws.
struct Record {
  wtap_rec fields;
  Buffer octets;

  Record() {
    wtap_rec_init(&fields);
    ws_buffer_init(&octets, 2048);
  }
  ~Record() {
    wtap_rec_cleanup(&fields);
    ws_buffer_free(&octets);
  }
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  void copy_to(CapturedPacket& packet) const {
    const auto& header = fields.rec_header.packet_header;
    const auto* start = octets.data + octets.start;
    packet.time = static_cast<std::uint64_t>(fields.ts.secs) * second +
                  static_cast<std::uint64_t>(fields.ts.nsecs);
    packet.link = static_cast<LinkType>(header.pkt_encap);
    packet.octets.assign(start, start + header.caplen);
    packet.original_length = header.len;
    packet.comments.clear();
    add_comments(fields.block, packet.comments);
  }
};

}  // namespace

std::string read_capture(const std::string& file,
                         const std::function<bool(const CapturedPacket&)>& each,
                         CaptureBlocks* blocks) {
  initialise_wiretap();
  int error = 0;
  gchar* info = nullptr;
  std::unique_ptr<wtap, void (*)(wtap*)> handle(
      wtap_open_offline(file.c_str(), WTAP_TYPE_AUTO, &error, &info, FALSE),
      [](wtap* w) { wtap_close(w); });
  if (!handle) throw UsageError(fmt::format("{}: {}", file, error_text(error, info)));
  Record record;
  gint64 offset = 0;
  CapturedPacket packet;
  CaptureBlocks others;
  bool more = true;
  while (more && wtap_read(handle.get(), &record.fields, &record.octets, &error, &info, &offset)) {
    ++packet.number;
    if (record.fields.rec_type == REC_TYPE_PACKET) {
      record.copy_to(packet);
      more = each(packet);
    } else {
      ++others.records;
      add_comments(record.fields.block, others.comments);
    }
    wtap_rec_reset(&record.fields);
  }
  if (blocks != nullptr) {
    add_blocks(handle.get(), others);
    *blocks = std::move(others);
  }
  if (error != 0) return fmt::format("{}: {}", file, error_text(error, info));
  // wiretap reads an empty file as an ERF capture without packets.
  const auto* type = wtap_file_type_subtype_name(wtap_file_type_subtype(handle.get()));
  if (offset == 0 && std::string_view(type) == "erf") {
    throw UsageError(fmt::format("{}: the file is empty", file));
  }
  return {};
}

}  // namespace secct::generator
