// SPDX-License-Identifier: GPL-2.0-or-later
// Dissects a capture with libwireshark and the plugin like Wireshark does: a first pass, a second
// pass with trees, and each frame once more in reverse order, as when the user selects it. The last
// two must give the same tree.
//
// The input is a pcap file that tshark can open, too. Its time zone field, which is otherwise 0,
// selects preferences: 1 hides keys, 2 learns SAs, 4 puts extension headers at the root of the
// tree.
#include <ws_version.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <epan/addr_resolv.h>
#include <epan/epan.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/tap.h>
#include <epan/timestamp.h>
#include <wiretap/wtap.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/wslog.h>

// These headers have no extern "C". What they include is included above.
extern "C" {
#include <epan/column-info.h>
#include <epan/column.h>
#include <epan/epan_dissect.h>
}

#include "protocol/octets.hpp"
#include "tests/fuzz/no_leak_detection.hpp"

extern "C" void plugin_register();

// Replaces the function of libwsutil, so that Wireshark does not read its lists of manufacturers,
// ports and enterprises for each capture; that takes a hundred times as long as the dissection.
char* get_datafile_path(const char*) { return g_strdup("/nonexistent"); }

namespace {

using secct::View;

constexpr std::size_t longest = 1 << 20;
constexpr std::size_t most_frames = 200;

// --- the input
struct Record {
  nstime_t time;
  std::uint32_t length;  // on the wire
  View octets;
};

struct Capture {
  std::uint32_t options = 0;
  int encapsulation = WTAP_ENCAP_RAW_IP;
  std::vector<Record> records;
};

std::uint32_t number(View octets, std::size_t at) {
  const auto part = octets.subspan(at, 4);
  return part[0] | part[1] << 8U | part[2] << 16U | static_cast<std::uint32_t>(part[3]) << 24U;
}

Capture read(View octets) {
  constexpr std::size_t file_header = 24;
  constexpr std::size_t record_header = 16;
  Capture capture;
  if (octets.size() < file_header) return capture;
  capture.options = number(octets, 8);
  if (number(octets, 20) == 1) capture.encapsulation = WTAP_ENCAP_ETHERNET;
  if (number(octets, 20) == 113) capture.encapsulation = WTAP_ENCAP_SLL;
  octets = octets.subspan(file_header);
  while (octets.size() >= record_header && capture.records.size() < most_frames) {
    Record record{};
    record.time.secs = number(octets, 0);
    record.time.nsecs = static_cast<int>(number(octets, 4) % 1'000'000 * 1000);
    const auto captured = std::min<std::size_t>(number(octets, 8), octets.size() - record_header);
    record.length =
        std::max<std::uint32_t>(number(octets, 12) & 0xffff, static_cast<std::uint32_t>(captured));
    record.octets = octets.subspan(record_header, captured);
    octets = octets.subspan(record_header + captured);
    capture.records.push_back(record);
  }
  return capture;
}

// --- Wireshark
void set_preference(const std::string& text) {
  std::string copy = text;
  char* error = nullptr;
  if (prefs_set_pref(copy.data(), &error) != PREFS_SET_OK) {
    std::fprintf(stderr, "preference %s: %s\n", text.c_str(), error != nullptr ? error : "refused");
    std::abort();
  }
}

tap_packet_status ignore(void*, packet_info*, epan_dissect_t*, const void*, tap_flags_t) {
  return TAP_PACKET_DONT_REDRAW;
}

struct Engine {
  Engine() {
    setenv("HOME", "/nonexistent", 1);
    setenv("WIRESHARK_ABORT_ON_DISSECTOR_BUG", "1", 1);
    // Separate allocations, so that the sanitizer detects reads past the end.
    setenv("WIRESHARK_DEBUG_WMEM_OVERRIDE", "simple", 1);
    init_process_policies();
    ws_log_init("dissect_fuzz", nullptr);
    g_free(configuration_init("dissect_fuzz", nullptr));
    wtap_init(FALSE);
    plugin_register();
    if (epan_init(nullptr, nullptr, FALSE) == FALSE) std::abort();
    epan_load_settings();
    disable_name_resolution();
    set_preference("secct.key_file:" SECCT_SOURCE_DIR "/generator/description/built_in.yaml");
    prefs_apply_all();
    auto* error =
        register_tap_listener("secct", this, nullptr, 0, nullptr, ignore, nullptr, nullptr);
    if (error != nullptr) std::abort();
    // From 4.4 on, Wireshark fails in columns of times without these settings.
    timestamp_set_type(TS_RELATIVE);
    timestamp_set_precision(TS_PREC_AUTO);
    timestamp_set_seconds_type(TS_SECONDS_DEFAULT);
    build_column_format_array(&columns, prefs.num_cols, TRUE);
  }

  column_info columns{};
};

const char* truth(bool value) { return value ? "TRUE" : "FALSE"; }

void set_options(std::uint32_t options) {
  static std::optional<std::uint32_t> current;
  options &= 7;
  if (current == options) return;
  current = options;
  set_preference(std::string("secct.show_keys:") + truth((options & 1) == 0));
  set_preference(std::string("secct.learn_sas:") + truth((options & 2) != 0));
  set_preference(std::string("ipv6.exthdr_under_root_protocol_tree:") + truth((options & 4) != 0));
  prefs_apply_all();
}

// --- one frame
// Computes a hash of the tree: fields, positions, texts.
void add_to_hash(proto_node* node, gpointer data) {
  auto& hash = *static_cast<std::size_t*>(data);
  const auto* info = PNODE_FINFO(node);
  if (info != nullptr) {
    hash = hash * 31 + static_cast<std::size_t>(info->hfinfo->id);
    hash = hash * 31 + static_cast<std::size_t>(info->start);
    hash = hash * 31 + static_cast<std::size_t>(info->length);
    if (info->rep != nullptr) hash = hash * 31 + g_str_hash(info->rep->representation);
  }
  proto_tree_children_foreach(node, add_to_hash, data);
}

class Session {
 public:
  Session(const Capture& capture, Engine& engine) : capture_(capture), engine_(engine) {
    static const packet_provider_funcs functions{time_of, nullptr, nullptr, nullptr};
    // epan only passes this pointer to time_of().
    session_ = epan_new(reinterpret_cast<packet_provider_data*>(this), &functions);
    frames_.resize(capture.records.size());
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ~Session() {
    for (auto& frame : frames_) frame_data_destroy(&frame);
    epan_free(session_);
  }

  // Dissects a frame and returns the hash of its tree.
  std::size_t show(std::size_t index, bool with_tree) {
    const auto& record = capture_.records[index];
    auto& frame = frames_[index];
    wtap_rec rec{};
    rec.rec_type = REC_TYPE_PACKET;
    rec.presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
    rec.ts = record.time;
    rec.tsprec = WTAP_TSPREC_USEC;
    rec.rec_header.packet_header.caplen = static_cast<guint32>(record.octets.size());
    rec.rec_header.packet_header.len = record.length;
    rec.rec_header.packet_header.pkt_encap = capture_.encapsulation;
    if (frame.num == 0) {
      frame_data_init(&frame, static_cast<guint32>(index + 1), &rec, 0, cumulated_);
    }
    frame_data_set_before_dissect(&frame, &elapsed_, &reference_, previous_);
    // An exact allocation, so that the sanitizer detects reads past the end.
    const auto copy = std::make_unique<std::uint8_t[]>(record.octets.size());
    std::copy(record.octets.begin(), record.octets.end(), copy.get());

    epan_dissect_t dissection;
    epan_dissect_init(&dissection, session_, with_tree ? TRUE : FALSE, with_tree ? TRUE : FALSE);
#if WIRESHARK_VERSION_MAJOR == 4 && WIRESHARK_VERSION_MINOR < 6
    epan_dissect_run_with_taps(
        &dissection, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &rec,
        tvb_new_real_data(copy.get(), static_cast<guint>(record.octets.size()),
                          static_cast<gint>(record.length)),
        &frame, &engine_.columns);
#else
    rec.data.data = copy.get();
    rec.data.allocated = rec.data.first_free = record.octets.size();
    epan_dissect_run_with_taps(&dissection, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &rec, &frame,
                               &engine_.columns);
#endif
    std::size_t hash = 0;
    if (with_tree) proto_tree_children_foreach(dissection.tree, add_to_hash, &hash);
    frame_data_set_after_dissect(&frame, &cumulated_);
    previous_ = &frame;
    epan_dissect_cleanup(&dissection);
    return hash;
  }

 private:
  static const nstime_t* time_of(packet_provider_data* self, guint32 number) {
    const auto& records = reinterpret_cast<Session*>(self)->capture_.records;
    return number == 0 || number > records.size() ? nullptr : &records[number - 1].time;
  }

  const Capture& capture_;
  Engine& engine_;
  epan_t* session_ = nullptr;
  std::vector<frame_data> frames_;
  nstime_t elapsed_{};
  const frame_data* reference_ = nullptr;
  const frame_data* previous_ = nullptr;
  guint32 cumulated_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > longest) return 0;
  static Engine engine;
  const auto capture = read({data, size});
  set_options(capture.options);
  Session session(capture, engine);
  const auto count = capture.records.size();
  for (std::size_t i = 0; i < count; ++i) session.show(i, false);
  std::vector<std::size_t> hashes;
  for (std::size_t i = 0; i < count; ++i) hashes.push_back(session.show(i, true));
  for (std::size_t i = count; i-- > 0;) {
    if (session.show(i, true) == hashes[i]) continue;
    std::fprintf(stderr, "frame %zu: another tree when it is dissected again\n", i + 1);
    std::abort();
  }
  return 0;
}
