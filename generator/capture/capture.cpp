// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/capture.hpp"

#include <glib.h>

#include <cstring>

#include <fmt/format.h>
#include <wiretap/pcap-encap.h>
#include <wiretap/wtap.h>
#include <wiretap/wtap_opttypes.h>
#include <wsutil/buffer.h>
#include <wsutil/wslog.h>

#include "files/yaml_reader.hpp"

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
  if (error == WTAP_ERR_SHORT_READ) return "the capture is cut short";
  const char* text = error > 0 ? std::strerror(error) : wtap_strerror(error);
  // wiretap's texts may hold one %s for the file's name: ours stands in front already.
  std::string message = text;
  if (message.find('%') != std::string::npos) message = "not a capture file";
  return detail.empty() ? message : fmt::format("{} ({})", message, detail);
}

static_assert(static_cast<int>(LinkType::ethernet) == WTAP_ENCAP_ETHERNET);
static_assert(static_cast<int>(LinkType::raw_ip) == WTAP_ENCAP_RAW_IP);
static_assert(static_cast<int>(LinkType::null) == WTAP_ENCAP_NULL);
static_assert(static_cast<int>(LinkType::sll) == WTAP_ENCAP_SLL);
static_assert(static_cast<int>(LinkType::raw_ipv4) == WTAP_ENCAP_RAW_IP4);
static_assert(static_cast<int>(LinkType::raw_ipv6) == WTAP_ENCAP_RAW_IP6);
static_assert(static_cast<int>(LinkType::loop) == WTAP_ENCAP_LOOP);
static_assert(static_cast<int>(LinkType::sll2) == WTAP_ENCAP_SLL2);

// Names that documents had before they could say any link layer.
constexpr std::pair<LinkType, const char*> own_names[] = {{LinkType::ethernet, "ethernet"},
                                                          {LinkType::raw_ip, "raw-ip"}};

// What wiretap fills for each packet; freed also when whoever reads the packets throws.
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
    packet.comment.clear();
    char* comment = nullptr;
    if (fields.block != nullptr &&
        wtap_block_get_nth_string_option_value(fields.block, OPT_COMMENT, 0, &comment) ==
            WTAP_OPTTYPE_SUCCESS) {
      packet.comment = comment;
    }
  }
};

}  // namespace

std::string link_name(LinkType link) {
  for (const auto& [number, name] : own_names) {
    if (number == link) return name;
  }
  initialise();
  const auto* name = wtap_encap_name(static_cast<int>(link));
  return name != nullptr ? name : std::to_string(static_cast<int>(link));
}

std::optional<std::uint16_t> link_number(LinkType link) {
  // wiretap tells the other way only. Those between are DLT_ numbers of single systems, which have
  // a LINKTYPE_ from 100 on; what is above comes in turn.
  constexpr std::pair<int, int> ranges[] = {{0, 10}, {100, 1024}, {10, 100}};
  for (const auto& [first, end] : ranges) {
    for (int number = first; number < end; ++number) {
      if (wtap_pcap_encap_to_wtap_encap(number) == static_cast<int>(link)) {
        return static_cast<std::uint16_t>(number);
      }
    }
  }
  return std::nullopt;
}

std::optional<LinkType> find_link(const std::string& name) {
  for (const auto& [number, own] : own_names) {
    if (name == own) return number;
  }
  initialise();
  const int found = wtap_name_to_encap(name.c_str());
  if (found <= 0) return std::nullopt;  // -1 is none, 0 is unknown
  return static_cast<LinkType>(found);
}

std::string read_capture(const std::string& file,
                         const std::function<bool(const CapturedPacket&)>& each) {
  initialise();
  int error = 0;
  gchar* info = nullptr;
  std::unique_ptr<wtap, void (*)(wtap*)> handle(
      wtap_open_offline(file.c_str(), WTAP_TYPE_AUTO, &error, &info, FALSE),
      [](wtap* w) { wtap_close(w); });
  if (!handle) throw UsageError(fmt::format("{}: {}", file, error_text(error, info)));
  Record record;
  gint64 offset = 0;
  CapturedPacket packet;
  bool more = true;
  while (more && wtap_read(handle.get(), &record.fields, &record.octets, &error, &info, &offset)) {
    if (record.fields.rec_type == REC_TYPE_PACKET) {
      record.copy_to(packet);
      more = each(packet);
    }
    wtap_rec_reset(&record.fields);
  }
  if (error != 0) return fmt::format("{}: {}", file, error_text(error, info));
  // To wiretap, nothing at all is an ERF capture without packets.
  const auto* type = wtap_file_type_subtype_name(wtap_file_type_subtype(handle.get()));
  if (offset == 0 && std::string_view(type) == "erf") {
    throw UsageError(fmt::format("{}: the file is empty", file));
  }
  return {};
}

}  // namespace secct
