# SPDX-License-Identifier: GPL-2.0-or-later
# secct_embed(target NAME files...) compiles the contents of text files into a target.
#
#   #include "embedded/NAME.hpp"
#   for (const secct::embedded::File& file : secct::embedded::NAME()) ... file.name, file.contents
#
# `name` is the file name without its folder; the files are ordered by it. CMake writes the header
# when it configures, and the .cpp when one of the files changes. With file(GLOB ...
# CONFIGURE_DEPENDS) new files are found, too.

# As a script (cmake -P), this file writes the .cpp.
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  set(delimiter "~embedded~")
  file(STRINGS ${LIST} files)
  set(rows "")
  set(count 0)
  foreach(file IN LISTS files)
    file(READ "${file}" contents)
    string(FIND "${contents}" ")${delimiter}\"" found)
    if(NOT found EQUAL -1)
      message(FATAL_ERROR "${file} contains )${delimiter}\" and cannot be embedded")
    endif()
    cmake_path(GET file FILENAME name)
    string(APPEND rows "    File{\"${name}\", R\"${delimiter}(${contents})${delimiter}\"},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  file(WRITE ${OUT}
    "// Written by cmake/embed.cmake.\n"
    "#include \"embedded/${NAME}.hpp\"\n\n#include <array>\n\n"
    "namespace secct::embedded {\n\n"
    "std::span<const File> ${NAME}() {\n"
    "  static constexpr std::array<File, ${count}> files{\n${rows}  };\n"
    "  return files;\n}\n\n}  // namespace secct::embedded\n")
  return()
endif()

set(secct_embed_script ${CMAKE_CURRENT_LIST_FILE})

function(secct_embed target name)
  set(files ${ARGN})
  list(SORT files COMPARE FILE_BASENAME)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/embedded)

  file(CONFIGURE OUTPUT ${dir}/file.hpp @ONLY CONTENT
"// Written by cmake/embed.cmake.
#pragma once

#include <string_view>

namespace secct::embedded {

struct File {
  std::string_view name;  // without folder
  std::string_view contents;
};

}  // namespace secct::embedded
")
  file(CONFIGURE OUTPUT ${dir}/${name}.hpp @ONLY CONTENT
"// Written by cmake/embed.cmake.
#pragma once

#include <span>

#include \"embedded/file.hpp\"

namespace secct::embedded {

std::span<const File> @name@();

}  // namespace secct::embedded
")
  list(JOIN files "\n" list)
  file(CONFIGURE OUTPUT ${dir}/${name}.list @ONLY CONTENT "@list@\n")

  add_custom_command(
    OUTPUT ${dir}/${name}.cpp
    COMMAND ${CMAKE_COMMAND} -D NAME=${name} -D LIST=${dir}/${name}.list -D OUT=${dir}/${name}.cpp
            -P ${secct_embed_script}
    DEPENDS ${files} ${dir}/${name}.list ${secct_embed_script}
    COMMENT "Embedding ${name}"
    VERBATIM)
  # The C++ standard guarantees string literals of 65,536 characters; GCC and clang accept more.
  set_source_files_properties(${dir}/${name}.cpp PROPERTIES
    COMPILE_OPTIONS -w SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${dir}/${name}.cpp)
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
