// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator/capture/read.hpp"

#include <glib.h>
#include <ws_version.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>
#include <span>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <wiretap/wtap.h>
#include <wiretap/wtap_opttypes.h>
#include <wsutil/buffer.h>

#include "files/yaml_reader.hpp"
#include "generator/document/link_names.hpp"

namespace secct::generator {
namespace {

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
  char* comment = nullptr;
  for (guint i = 0;
       block != nullptr && wtap_block_get_nth_string_option_value(block, OPT_COMMENT, i,
                                                                  &comment) == WTAP_OPTTYPE_SUCCESS;
       ++i) {
    comments.emplace_back(comment);
  }
}

// The buffers of wiretap; freed even if the callback throws.
struct Record {
  wtap_rec fields;

  // From Wireshark 4.6 on, the buffer of the octets belongs to wtap_rec.
#if WIRESHARK_VERSION_MAJOR == 4 && WIRESHARK_VERSION_MINOR < 6
  Buffer buffer;

  Record() {
    wtap_rec_init(&fields);
    ws_buffer_init(&buffer, first_octets);
  }
  ~Record() {
    wtap_rec_cleanup(&fields);
    ws_buffer_free(&buffer);
  }
  bool read(wtap* from, int& error, gchar*& info, gint64& offset) {
    return wtap_read(from, &fields, &buffer, &error, &info, &offset);
  }
  const Buffer& octets() const { return buffer; }
#else
  Record() { wtap_rec_init(&fields, first_octets); }
  ~Record() { wtap_rec_cleanup(&fields); }
  bool read(wtap* from, int& error, gchar*& info, gint64& offset) {
    return wtap_read(from, &fields, &error, &info, &offset);
  }
  const Buffer& octets() const { return fields.data; }
#endif
  static constexpr std::size_t first_octets = 2048;  // the buffer grows when necessary
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  // Returns false if the time cannot be represented.
  bool copy_to(CapturedPacket& packet) const {
    const auto& header = fields.rec_header.packet_header;
    const auto* start = octets().data + octets().start;
    if (fields.ts.secs < 0 || fields.ts.nsecs < 0 ||
        static_cast<std::uint64_t>(fields.ts.secs) >= UINT64_MAX / CaptureInterface::nanoseconds) {
      return false;
    }
    packet.time = static_cast<std::uint64_t>(fields.ts.secs) * CaptureInterface::nanoseconds +
                  static_cast<std::uint64_t>(fields.ts.nsecs);
    packet.link = static_cast<LinkType>(header.pkt_encap);
    packet.octets.assign(start, start + header.caplen);
    packet.original_length = header.len;
    packet.interface = has(WTAP_HAS_INTERFACE_ID) ? header.interface_id : 0;
    packet.comments.clear();
    add_comments(fields.block, packet.comments);
    return true;
  }

  bool has(guint32 flag) const { return (fields.presence_flags & flag) != 0; }
};

// What a file has and CaptureContents does not: how often it occurs, and its comments.
class LeftOut {
 public:
  LeftOut() : outer_(std::exchange(current, this)) {}
  ~LeftOut() { current = outer_; }
  LeftOut(const LeftOut&) = delete;
  LeftOut& operator=(const LeftOut&) = delete;

  // `what` has {} for the plural: "custom block{}".
  void count(const char* what, std::size_t times = 1) {
    if (times == 0) return;
    for (auto& [name, number] : counts_) {
      if (name != what) continue;
      number += times;
      return;
    }
    counts_.emplace_back(what, times);
  }

  void keep_comments(wtap_block_t block) { add_comments(block, comments_); }
  std::vector<std::string> take_comments() { return std::move(comments_); }

  // wiretap gives callbacks no pointer of the caller.
  static void count_secrets(guint32, const void*, guint) {
    current->count("decryption secrets block{}");
  }
  // The arguments differ between the series of Wireshark.
  template <class... Arguments>
  static void count_name(Arguments...) {
    current->count("resolved name{}");
  }

  std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const auto& [name, number] : counts_) {
      texts.push_back(
          fmt::format("{} {}", number, fmt::format(fmt::runtime(name), number == 1 ? "" : "s")));
    }
    return texts;
  }

 private:
  static thread_local LeftOut* current;
  LeftOut* outer_;
  std::vector<std::pair<std::string_view, std::size_t>> counts_;
  std::vector<std::string> comments_;
};

thread_local LeftOut* LeftOut::current = nullptr;

// The result of callbacks of wtap_block_foreach_option(): gboolean, later bool.
using Continue = std::invoke_result_t<wtap_block_foreach_func, wtap_block_t, guint, wtap_opttype_e,
                                      wtap_optval_t*, void*>;

// Copies the options of a block that are in `rows`, and counts the others.
struct OptionCopy {
  std::span<const CaptureOptionRow> rows;
  std::vector<CaptureOption>& to;
  LeftOut& left_out;

  // A callback of wtap_block_foreach_option().
  static Continue each(wtap_block_t, guint code, wtap_opttype_e, wtap_optval_t* value, void* self) {
    static_cast<OptionCopy*>(self)->copy(code, *value);
    return TRUE;
  }

  void copy(guint code, const wtap_optval_t& value) {
    // The times of the packets contain the offset already.
    if (code == OPT_IDB_TSRESOL || code == OPT_IDB_TSOFFSET) return;
    const auto row = std::ranges::find(rows, code, &CaptureOptionRow::code);
    const bool is_program = row != rows.end() && row->kind == OptionKind::filter &&
                            value.if_filterval.type != if_filter_pcap;
    if (row == rows.end() || is_program) return left_out.count("option{} of blocks");
    auto& option = to.emplace_back();
    option.code = row->code;
    switch (row->kind) {
      case OptionKind::text: option.text = value.stringval; break;
      case OptionKind::filter: option.text = value.if_filterval.data.filter_str; break;
      case OptionKind::number8: option.number = value.uint8val; break;
      case OptionKind::number64: option.number = value.uint64val; break;
    }
  }
};

std::vector<CaptureOption> copy_options(wtap_block_t block, std::span<const CaptureOptionRow> rows,
                                        LeftOut& left_out) {
  std::vector<CaptureOption> options;
  OptionCopy copy{rows, options, left_out};
  wtap_block_foreach_option(block, OptionCopy::each, &copy);
  return options;
}

// The interfaces of all sections. The array belongs to `handle`, and grows while records are read.
const GArray* interfaces_of(wtap* handle) {
  auto* info = wtap_file_get_idb_info(handle);
  const auto* interfaces = info->interface_data;
  g_free(info);
  return interfaces;
}

const wtapng_if_descr_mandatory_t& mandatory_fields(wtap_block_t interface) {
  return *static_cast<const wtapng_if_descr_mandatory_t*>(wtap_block_get_mandatory_data(interface));
}

CaptureInterface copy_interface(wtap_block_t block, LeftOut& left_out) {
  const auto& fields = mandatory_fields(block);
  CaptureInterface interface;
  interface.link = static_cast<LinkType>(fields.wtap_encap);
  interface.snapshot_octets = fields.snap_len;
  // wiretap reads at most nanoseconds.
  if (resolution_octet(fields.time_units_per_second)) {
    interface.units_per_second = fields.time_units_per_second;
  }
  interface.options = copy_options(block, interface_options(), left_out);
  left_out.count("interface statistics block{}", fields.num_stat_entries);
  for (guint i = 0; i < fields.num_stat_entries; ++i) {
    left_out.keep_comments(g_array_index(fields.interface_statistics, wtap_block_t, i));
  }
  return interface;
}

CaptureHeader copy_header(wtap* handle, LeftOut& left_out) {
  CaptureHeader header;
  const auto sections = wtap_file_get_num_shbs(handle);
  if (sections > 0) {
    header.section = copy_options(wtap_file_get_shb(handle, 0), section_options(), left_out);
    left_out.count("further section header{}", sections - 1);
    for (guint i = 1; i < sections; ++i) left_out.keep_comments(wtap_file_get_shb(handle, i));
  }
  left_out.keep_comments(wtap_file_get_nrb(handle));
  const auto* list = interfaces_of(handle);
  for (guint i = 0; i < list->len; ++i) {
    header.interfaces.push_back(copy_interface(g_array_index(list, wtap_block_t, i), left_out));
  }
  return header;
}

const char* name_of_record(unsigned type) {
  switch (type) {
    case REC_TYPE_SYSTEMD_JOURNAL_EXPORT: return "systemd journal entry block{}";
    case REC_TYPE_CUSTOM_BLOCK: return "custom block{}";
    default: return "record{} other than packets";
  }
}

bool has_other_options(wtap_block_t block) {
  bool found = false;
  const auto each = [](wtap_block_t, guint code, wtap_opttype_e, wtap_optval_t*,
                       void* result) -> Continue {
    if (code != OPT_COMMENT) *static_cast<bool*>(result) = true;
    return TRUE;
  };
  if (block != nullptr) wtap_block_foreach_option(block, each, &found);
  return found;
}

// Reads one capture file.
class Reader {
 public:
  Reader(wtap* handle, std::string name, const ReadOptions& options)
      : handle_(handle),
        name_(std::move(name)),
        contents_(options.contents),
        interfaces_(interfaces_of(handle)) {
    if (contents_ == nullptr) return;
    wtap_set_cb_new_secrets(handle_, LeftOut::count_secrets);
    wtap_set_cb_new_ipv4(handle_, LeftOut::count_name);
    wtap_set_cb_new_ipv6(handle_, LeftOut::count_name);
  }

  std::string read(const std::function<bool(const CapturedPacket&)>& each) {
    int error = 0;
    gchar* info = nullptr;
    gint64 offset = 0;
    CapturedPacket packet;
    bool more = true;
    while (more && record_.read(handle_, error, info, offset)) {
      ++frame_;
      enter_section();
      if (record_.fields.rec_type != REC_TYPE_PACKET) {
        left_out_.count(name_of_record(record_.fields.rec_type));
        left_out_.keep_comments(record_.fields.block);
      } else if (!record_.copy_to(packet)) {
        finish();
        return fmt::format(
            "{}: frame {}: its time is not between the years 1970 and 2554; change it with "
            "editcap -t",
            name_, frame_);
      } else {
        packet.number = frame_;
        packet.interface += first_interface_;
        count_fields(packet);
        more = each(packet);
      }
      wtap_rec_reset(&record_.fields);
      known_interfaces_ = interfaces_->len;
    }
    finish();
    if (error != 0) return fmt::format("{}: {}", name_, error_text(error, info));
    // wiretap reads an empty file as an ERF capture without packets.
    const auto* type = wtap_file_type_subtype_name(wtap_file_type_subtype(handle_));
    if (offset == 0 && std::string_view(type) == "erf") {
      throw UsageError(fmt::format("{}: the file is empty", name_));
    }
    return {};
  }

 private:
  // Each section numbers its interfaces from 0; wiretap has one list of all of them.
  void enter_section() {
    if (!record_.has(WTAP_HAS_SECTION_NUMBER) || record_.fields.section_number == section_) return;
    section_ = record_.fields.section_number;
    first_interface_ = known_interfaces_;
  }

  void count_fields(const CapturedPacket& packet) {
    if (contents_ == nullptr) return;
    check_interface(packet);
    if (!record_.has(WTAP_HAS_TS)) left_out_.count("packet{} without a time, which is 0 now");
    if (has_other_options(record_.fields.block)) {
      left_out_.count("packet{} with options other than comments");
    }
  }

  // Some formats have no interfaces, and some have times that are more precise than they say.
  void check_interface(const CapturedPacket& packet) {
    if (packet.interface >= interfaces_->len) {
      contents_->has_interfaces = false;
      return;
    }
    const auto& interface =
        mandatory_fields(g_array_index(interfaces_, wtap_block_t, packet.interface));
    if (interface.wtap_encap != static_cast<int>(packet.link)) contents_->has_interfaces = false;
    const auto units = interface.time_units_per_second;
    if (resolution_octet(units) && !to_units(packet.time, units)) {
      more_precise_.insert(packet.interface);
    }
  }

  void finish() {
    if (contents_ == nullptr) return;
    contents_->header = copy_header(handle_, left_out_);
    contents_->other_comments = left_out_.take_comments();
    auto& interfaces = contents_->header.interfaces;
    for (const auto i : more_precise_) {
      interfaces[i].units_per_second = CaptureInterface::nanoseconds;
    }
    contents_->left_out = left_out_.texts();
  }

  wtap* handle_;
  std::string name_;
  CaptureContents* contents_;
  const GArray* interfaces_;
  Record record_;
  LeftOut left_out_;
  std::size_t frame_ = 0;  // number of the latest one
  guint section_ = 0;
  std::uint32_t known_interfaces_ = 0;    // number of them before the latest record was read
  std::uint32_t first_interface_ = 0;     // of the section
  std::set<std::uint32_t> more_precise_;  // interfaces with packets whose times do not fit
};

}  // namespace

std::string read_capture(const std::string& file,
                         const std::function<bool(const CapturedPacket&)>& each,
                         const ReadOptions& options) {
  initialise_wiretap();
  const auto& name = options.name.empty() ? file : options.name;
  int error = 0;
  gchar* info = nullptr;
  const std::unique_ptr<wtap, void (*)(wtap*)> handle(
      wtap_open_offline(file.c_str(), WTAP_TYPE_AUTO, &error, &info, FALSE),
      [](wtap* w) { wtap_close(w); });
  if (!handle) throw UsageError(fmt::format("{}: {}", name, error_text(error, info)));
  return Reader(handle.get(), name, options).read(each);
}

}  // namespace secct::generator
