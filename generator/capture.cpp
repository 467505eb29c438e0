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

std::optional<LinkType> link_of(int encapsulation) {
  if (encapsulation == WTAP_ENCAP_ETHERNET) return LinkType::ethernet;
  if (encapsulation == WTAP_ENCAP_RAW_IP || encapsulation == WTAP_ENCAP_RAW_IP6 ||
      encapsulation == WTAP_ENCAP_RAW_IP4) {
    return LinkType::raw_ip;
  }
  return std::nullopt;
}

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
    packet.link = link_of(header.pkt_encap);
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
  int encapsulation = 0;
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
