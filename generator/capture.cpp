// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture.hpp"

#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
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

// A new file beside `target`, which it replaces when it is whole; -1 and errno when there can be
// none.
int open_beside(const std::string& target, std::string& name) {
  for (unsigned i = 0; i < 100; ++i) {
    name = fmt::format("{}.{}-{}", target, getpid(), i);
    const int file = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EEXIST) return file;
  }
  return -1;
}

}  // namespace

std::string link_name(LinkType link) {
  for (const auto& [number, name] : own_names) {
    if (number == link) return name;
  }
  initialise();
  const auto* name = wtap_encap_name(static_cast<int>(link));
  return name != nullptr ? name : std::to_string(static_cast<int>(link));
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

struct CaptureWriter::State {
  std::string file;    // as the user calls it
  std::string target;  // where it is, links followed
  std::string beside;  // what is written until it is whole; empty for pipes and devices
  std::vector<LinkType> links;
  wtap_dumper* dumper = nullptr;

  [[noreturn]] void fail(const std::string& text) const {
    throw UsageError(fmt::format("{}: {}", file, text));
  }

  wtap_dumper* open_file(const wtap_dump_params& parameters, int* error, gchar** info) {
    const int type = wtap_pcapng_file_type_subtype();
    if (file == "-")
      return wtap_dump_open_stdout(type, WTAP_UNCOMPRESSED, &parameters, error, info);
    std::error_code unknown;
    target = std::filesystem::weakly_canonical(file, unknown).string();
    if (unknown) target = file;
    struct stat existing {};
    const bool exists = stat(target.c_str(), &existing) == 0;
    if (exists && !S_ISREG(existing.st_mode)) {
      return wtap_dump_open(file.c_str(), type, WTAP_UNCOMPRESSED, &parameters, error, info);
    }
    if (exists && access(target.c_str(), W_OK) != 0) fail(std::strerror(errno));
    const int descriptor = open_beside(target, beside);
    if (descriptor < 0) fail(std::strerror(errno));
    if (exists) static_cast<void>(fchmod(descriptor, existing.st_mode & 07777));
    auto* opened = wtap_dump_fdopen(descriptor, type, WTAP_UNCOMPRESSED, &parameters, error, info);
    if (opened == nullptr) ::close(descriptor);
    return opened;
  }

  void discard() const {
    if (!beside.empty()) unlink(beside.c_str());
  }
};

namespace {

// The interface descriptions of a pcapng, one for each link layer.
struct Interfaces {
  wtapng_iface_descriptions_t list{};

  explicit Interfaces(std::span<const LinkType> links) {
    list.interface_data = g_array_new(FALSE, FALSE, sizeof(wtap_block_t));
    for (const auto link : links) {
      wtap_block_t block = wtap_block_create(WTAP_BLOCK_IF_ID_AND_INFO);
      auto* fixed = static_cast<wtapng_if_descr_mandatory_t*>(wtap_block_get_mandatory_data(block));
      fixed->wtap_encap = static_cast<int>(link);
      fixed->time_units_per_second = second;
      fixed->tsprecision = WTAP_TSPREC_NSEC;
      fixed->snap_len = WTAP_MAX_PACKET_SIZE_STANDARD;
      constexpr std::uint8_t nanoseconds = 9;  // if_tsresol: 10^-9
      wtap_block_add_uint8_option(block, OPT_IDB_TSRESOL, nanoseconds);
      g_array_append_val(list.interface_data, block);
    }
  }
  ~Interfaces() {
    for (guint i = 0; i < list.interface_data->len; ++i) {
      wtap_block_unref(g_array_index(list.interface_data, wtap_block_t, i));
    }
    g_array_free(list.interface_data, TRUE);
  }
  Interfaces(const Interfaces&) = delete;
  Interfaces& operator=(const Interfaces&) = delete;
};

}  // namespace

CaptureWriter::CaptureWriter(const std::string& file, LinkType link)
    : CaptureWriter(file, std::span(&link, 1)) {}

CaptureWriter::CaptureWriter(const std::string& file, std::span<const LinkType> links)
    : state_(std::make_unique<State>()) {
  initialise();
  state_->file = file;
  state_->links.assign(links.begin(), links.end());
  Interfaces interfaces(links);
  wtap_dump_params parameters{};
  parameters.encap = links.size() == 1 ? static_cast<int>(links[0]) : WTAP_ENCAP_PER_PACKET;
  parameters.snaplen = WTAP_MAX_PACKET_SIZE_STANDARD;
  parameters.tsprec = WTAP_TSPREC_NSEC;
  if (links.size() > 1) parameters.idb_inf = &interfaces.list;
  int error = 0;
  gchar* info = nullptr;
  state_->dumper = state_->open_file(parameters, &error, &info);
  if (state_->dumper == nullptr) {
    state_->discard();
    state_->fail(error_text(error, info));
  }
}

CaptureWriter::~CaptureWriter() {
  if (state_->dumper == nullptr) return;
  int error = 0;
  gchar* info = nullptr;
  gboolean needs_reload = FALSE;
  static_cast<void>(wtap_dump_close(state_->dumper, &needs_reload, &error, &info));
  g_free(info);
  state_->discard();
}

void CaptureWriter::write(std::uint64_t time, View octets, const std::string& comment) {
  write(time, octets, comment, state_->links.front(), 0);
}

void CaptureWriter::write(std::uint64_t time, View octets, const std::string& comment,
                          LinkType link, std::uint32_t wire_octets) {
  wtap_rec record;
  wtap_rec_init(&record);
  record.rec_type = REC_TYPE_PACKET;
  record.presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
  record.tsprec = WTAP_TSPREC_NSEC;
  record.ts.secs = static_cast<time_t>(time / second);
  record.ts.nsecs = static_cast<int>(time % second);
  auto& header = record.rec_header.packet_header;
  header.caplen = static_cast<guint32>(octets.size());
  header.len = std::max(header.caplen, static_cast<guint32>(wire_octets));
  header.pkt_encap = static_cast<int>(link);
  const auto interface = std::ranges::find(state_->links, link) - state_->links.begin();
  header.interface_id = static_cast<guint32>(interface);
  record.presence_flags |= WTAP_HAS_INTERFACE_ID;
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
  if (!written) state_->fail(error_text(error, info));
}

void CaptureWriter::close() {
  if (state_->dumper == nullptr) return;
  int error = 0;
  gchar* info = nullptr;
  gboolean needs_reload = FALSE;
  auto* dumper = std::exchange(state_->dumper, nullptr);
  if (wtap_dump_close(dumper, &needs_reload, &error, &info) == FALSE) {
    state_->discard();
    state_->fail(error_text(error, info));
  }
  const auto& beside = state_->beside;
  if (!beside.empty() && std::rename(beside.c_str(), state_->target.c_str()) != 0) {
    const auto* text = std::strerror(errno);
    state_->discard();
    state_->fail(text);
  }
}

}  // namespace secct
