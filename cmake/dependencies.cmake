# SPDX-License-Identifier: GPL-2.0-or-later
# Third-party libraries, all from Debian, as imported targets: the compiler reports no warnings in
# their headers.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# epan, for the dissector only.
pkg_check_modules(WIRESHARK REQUIRED IMPORTED_TARGET wireshark>=4.0)
string(REGEX MATCH "^([0-9]+)\\.([0-9]+)" wireshark_series ${WIRESHARK_VERSION})
set(wireshark_major ${CMAKE_MATCH_1})
set(wireshark_minor ${CMAKE_MATCH_2})
pkg_get_variable(wireshark_prefix wireshark prefix)
pkg_get_variable(wireshark_plugin_dir wireshark plugindir)
file(RELATIVE_PATH wireshark_plugin_dir ${wireshark_prefix} ${wireshark_plugin_dir})
set(SECCT_WIRESHARK_PLUGIN_DIR ${wireshark_plugin_dir}/epan CACHE STRING
    "Where the plugin is installed, relative to the prefix; Wireshark finds it if the prefix is its own")
add_library(secct_epan INTERFACE)
add_library(secct::epan ALIAS secct_epan)
target_link_libraries(secct_epan INTERFACE PkgConfig::WIRESHARK)

# wiretap reads and writes capture files. It has no .pc file; its headers are in Wireshark's include
# folder, and it needs glib and wsutil, but not epan.
find_library(SECCT_WIRETAP_LIBRARY wiretap REQUIRED)
find_library(SECCT_WSUTIL_LIBRARY wsutil REQUIRED)
pkg_check_modules(GLIB REQUIRED IMPORTED_TARGET glib-2.0)
pkg_get_variable(wireshark_include_dir wireshark includedir)
add_library(secct_wiretap INTERFACE)
add_library(secct::wiretap ALIAS secct_wiretap)
target_include_directories(secct_wiretap SYSTEM INTERFACE ${wireshark_include_dir}/wireshark)
target_link_libraries(secct_wiretap INTERFACE
  ${SECCT_WIRETAP_LIBRARY} ${SECCT_WSUTIL_LIBRARY} PkgConfig::GLIB)

pkg_check_modules(TINS REQUIRED IMPORTED_TARGET libtins)
pkg_check_modules(GCRYPT REQUIRED IMPORTED_TARGET libgcrypt)
pkg_check_modules(PCAP REQUIRED IMPORTED_TARGET libpcap)
pkg_check_modules(YAML_CPP REQUIRED IMPORTED_TARGET yaml-cpp)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_path(SECCT_MUSTACHE_INCLUDE kainjow/mustache.hpp REQUIRED)
mark_as_advanced(SECCT_MUSTACHE_INCLUDE)
