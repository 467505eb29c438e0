// SPDX-License-Identifier: GPL-2.0-or-later
// Turns off the detection of leaks, for targets that contain libraries of Wireshark: these do not
// free all of their memory. To be included by one file of a program.
#pragma once

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the sanitizer's name
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
