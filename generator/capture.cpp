// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture.hpp"

#include <glib.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <wiretap/wtap.h>
#include <wiretap/wtap_opttypes.h>
#include <wsutil/buffer.h>
#include <wsutil/wslog.h>

#include "generator/yaml_reader.hpp"

namespace secct {
namespace {

constexpr std::uint64_t second = 1000000000;

void initialise() {
  static const bool once = [] {
    ws_log_set_level(LOG_LEVEL_CRITICAL);  // wiretap talks a lot
    wtap_init(FALSE);                      // no wiretap plugins
    return true;
  }();
  static_cast<void>(once);
}

std::string take_text(gchar* text) {
  std::string result = text != nullptr ? text : "";
  g_free(text);
  return result;
}

std::string error_text(int error, gchar* info) {
  const auto detail = take_text(info);
  const char* text = error > 0 ? std::strerror(error) : wtap_strerror(error);
  // wiretap's texts may hold one %s for the file's name: ours stands in front already.
  std::string message = text;
  if (message.find('%') != std::string::npos) message = "not a capture file";
  return detail.empty() ? message : fmt::format("{} ({})", message, detail);
}

std::optional<LinkType> link_of(int encapsulation) {
  if (encapsulation == WTAP_ENCAP_ETHERNET) return LinkType::ethernet;
  if (encapsulation == WTAP_ENCAP_RAW_IP || encapsulation == WTAP_ENCAP_RAW_IP6 ||
      encapsulation == WTAP_ENCAP_RAW_IP4) {
    return LinkType::raw_ip;
  }
  return std::nullopt;
}

}  // namespace

std::string read_capture(const std::string& file,
                         const std::function<bool(const CapturedPacket&)>& each) {
  initialise();
  int error = 0;
  gchar* info = nullptr;
  std::unique_ptr<wtap, void (*)(wtap*)> handle(
      wtap_open_offline(file.c_str(), WTAP_TYPE_AUTO, &error, &info, FALSE),
      [](wtap* w) { wtap_close(w); });
  if (!handle) throw UsageError(fmt::format("{}: {}", file, error_text(error, info)));
  wtap_rec record;
  Buffer buffer;
  wtap_rec_init(&record);
  ws_buffer_init(&buffer, 2048);
  gint64 offset = 0;
  CapturedPacket packet;
  bool more = true;
  while (more && wtap_read(handle.get(), &record, &buffer, &error, &info, &offset) != FALSE) {
    if (record.rec_type == REC_TYPE_PACKET) {
      const auto& header = record.rec_header.packet_header;
      const auto* octets = ws_buffer_start_ptr(&buffer);
      packet.time = static_cast<std::uint64_t>(record.ts.secs) * second +
                    static_cast<std::uint64_t>(record.ts.nsecs);
      packet.link = link_of(header.pkt_encap);
      packet.octets.assign(octets, octets + header.caplen);
      packet.original_length = header.len;
      packet.comment.clear();
      char* comment = nullptr;
      if (record.block != nullptr &&
          wtap_block_get_nth_string_option_value(record.block, OPT_COMMENT, 0, &comment) ==
              WTAP_OPTTYPE_SUCCESS) {
        packet.comment = comment;
      }
      more = each(packet);
    }
    wtap_rec_reset(&record);
  }
  wtap_rec_cleanup(&record);
  ws_buffer_free(&buffer);
  if (error != 0) return fmt::format("{}: {}", file, error_text(error, info));
  return {};
}

struct CaptureWriter::State {
  std::string file;
  int encapsulation = 0;
  wtap_dumper* dumper = nullptr;
};

CaptureWriter::CaptureWriter(const std::string& file, LinkType link)
    : state_(std::make_unique<State>()) {
  initialise();
  state_->file = file;
  state_->encapsulation = link == LinkType::ethernet ? WTAP_ENCAP_ETHERNET : WTAP_ENCAP_RAW_IP;
  wtap_dump_params parameters{};
  parameters.encap = state_->encapsulation;
  parameters.snaplen = WTAP_MAX_PACKET_SIZE_STANDARD;
  parameters.tsprec = WTAP_TSPREC_NSEC;
  int error = 0;
  gchar* info = nullptr;
  const int type = wtap_pcapng_file_type_subtype();
  state_->dumper =
      file == "-"
          ? wtap_dump_open_stdout(type, WTAP_UNCOMPRESSED, &parameters, &error, &info)
          : wtap_dump_open(file.c_str(), type, WTAP_UNCOMPRESSED, &parameters, &error, &info);
  if (state_->dumper == nullptr) {
    throw UsageError(fmt::format("{}: {}", file, error_text(error, info)));
  }
}

CaptureWriter::~CaptureWriter() {
  try {
    close();
  } catch (const UsageError&) {
    // Whoever wants to know calls close().
  }
}

void CaptureWriter::write(std::uint64_t time, View octets, const std::string& comment) {
  wtap_rec record;
  wtap_rec_init(&record);
  record.rec_type = REC_TYPE_PACKET;
  record.presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
  record.tsprec = WTAP_TSPREC_NSEC;
  record.ts.secs = static_cast<time_t>(time / second);
  record.ts.nsecs = static_cast<int>(time % second);
  auto& header = record.rec_header.packet_header;
  header.caplen = static_cast<guint32>(octets.size());
  header.len = header.caplen;
  header.pkt_encap = state_->encapsulation;
  record.block = wtap_block_create(WTAP_BLOCK_PACKET);
  if (!comment.empty()) {
    wtap_block_add_string_option(record.block, OPT_COMMENT, comment.data(), comment.size());
    record.block_was_modified = TRUE;
  }
  int error = 0;
  gchar* info = nullptr;
  const bool written = wtap_dump(state_->dumper, &record, octets.data(), &error, &info) != FALSE;
  wtap_block_unref(record.block);
  record.block = nullptr;
  wtap_rec_cleanup(&record);
  if (!written) throw UsageError(fmt::format("{}: {}", state_->file, error_text(error, info)));
}

void CaptureWriter::close() {
  if (state_->dumper == nullptr) return;
  int error = 0;
  gchar* info = nullptr;
  gboolean needs_reload = FALSE;
  auto* dumper = std::exchange(state_->dumper, nullptr);
  if (wtap_dump_close(dumper, &needs_reload, &error, &info) == FALSE) {
    throw UsageError(fmt::format("{}: {}", state_->file, error_text(error, info)));
  }
}

}  // namespace secct
