// SPDX-License-Identifier: GPL-2.0-or-later
// Sends one constant frame in a loop with pcap_inject, as a reference for senders.
//
// usage: inject INTERFACE OCTETS COUNT    prints the time in seconds
#include <pcap/pcap.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int count, char** arguments) {
  if (count != 4) return 2;
  char error[PCAP_ERRBUF_SIZE];
  pcap_t* handle = pcap_open_live(arguments[1], 65535, 0, 1, error);
  if (handle == nullptr) {
    std::fprintf(stderr, "inject: %s\n", error);
    return 1;
  }
  std::vector<std::uint8_t> frame(std::strtoul(arguments[2], nullptr, 10), 0x02);
  frame[12] = 0x86;
  frame[13] = 0xdd;
  const auto wanted = std::strtoull(arguments[3], nullptr, 10);
  const auto start = std::chrono::steady_clock::now();
  for (unsigned long long i = 0; i < wanted; ++i) {
    if (pcap_inject(handle, frame.data(), frame.size()) < 0) {
      std::fprintf(stderr, "inject: %s\n", pcap_geterr(handle));
      return 1;
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%.6f\n", took.count());
  pcap_close(handle);
  return 0;
}
