# SPDX-License-Identifier: GPL-2.0-or-later
# How the sources are compiled: language, warnings, sanitizers, compiler cache.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

# Line numbers only: full debug information of the templates takes a quarter of the time of the compiler. For
# a debugger: -DCMAKE_BUILD_TYPE=Debug.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

find_program(SECCT_CCACHE ccache)
mark_as_advanced(SECCT_CCACHE)
if(SECCT_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache caches precompiled headers only with these settings.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${SECCT_CCACHE})
endif()

set(secct_sanitizers "")
if(SECCT_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "SECCT_FUZZ needs clang 16 or later: ./dev fuzz, or cmake --preset fuzz -DCMAKE_CXX_COMPILER=clang++-16")
  endif()
  set(secct_sanitizers address,undefined)
elseif(SECCT_SANITIZE)
  set(secct_sanitizers ${SECCT_SANITIZE})
endif()

# secct_compile(target [PLAIN]) sets the options of all sources. PLAIN leaves out the sanitizers, for
# the plugin: it is loaded by a tshark without sanitizers.
function(secct_compile target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "PLAIN" "" "")
  # Includes name the folder: #include "protocol/octets.hpp"
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wextra-semi -Wnon-virtual-dtor -Woverloaded-virtual
    -Wcast-qual -Wformat=2 -Wundef -Werror)
  if(secct_sanitizers AND NOT arg_PLAIN)
    target_compile_options(${target} PRIVATE
      -fsanitize=${secct_sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer
      -g1)  # line numbers for the sanitizers; full debug information is slow to build
    target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
    target_link_options(${target} PUBLIC -fsanitize=${secct_sanitizers})
    if(SECCT_FUZZ)
      target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
  endif()
endfunction()

# secct_library(name [LINK target...]) defines the static library secct_NAME from the .cpp files below
# the current folder, and secct_NAME_plain, the copy without sanitizers that the plugin links
# (without sanitizers both are one). LINK names the folders that it is built on, or imported targets.
function(secct_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  set(variants "")
  if(secct_sanitizers)
    set(variants _plain)
  endif()
  foreach(variant IN LISTS variants ITEMS "")
    set(target secct_${name}${variant})
    if(variant)
      add_library(${target} STATIC EXCLUDE_FROM_ALL ${sources})
      secct_compile(${target} PLAIN)
    else()
      add_library(${target} STATIC ${sources})
      secct_compile(${target})
    endif()
    set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden)
    foreach(link IN LISTS arg_LINK)
      if(TARGET secct_${link} AND NOT link MATCHES "::")
        target_link_libraries(${target} PUBLIC secct_${link}${variant})
      else()
        target_link_libraries(${target} PUBLIC ${link})
      endif()
    endforeach()
  endforeach()
  if(NOT variants)
    add_library(secct_${name}_plain ALIAS secct_${name})
  endif()
endfunction()

# secct_precompile(target <header>...) precompiles large third-party headers.
function(secct_precompile target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_compile_options(${target} PRIVATE -fpch-preprocess)  # ccache needs it
  endif()
endfunction()

# secct_unity(target) compiles several sources together: most of the time of the compiler is spent on headers
# and templates that they share. Names in anonymous namespaces must then differ within a target.
option(SECCT_UNITY "Compile several sources together" ON)
function(secct_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${SECCT_UNITY} UNITY_BUILD_BATCH_SIZE 10)
  if(SECCT_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Every source is included in another file, but is not a header; a local name may be that of another file.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage -Wno-shadow)
  endif()
endfunction()
