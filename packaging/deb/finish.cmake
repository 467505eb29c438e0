# SPDX-License-Identifier: GPL-2.0-or-later
# cpack runs this script before it makes the packages. It adds the copyright and the changelog,
# compresses manual pages and sets permissions, as the Debian Policy requires. Each component is a
# folder of CPACK_TEMPORARY_DIRECTORY.
file(GLOB components ${CPACK_TEMPORARY_DIRECTORY}/*)
find_program(gzip gzip REQUIRED)

foreach(component IN LISTS components)
  cmake_path(GET component FILENAME name)
  string(TOUPPER ${name} upper)
  set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  if(NOT package)
    continue()
  endif()
  set(doc ${component}/usr/share/doc/${package})
  file(MAKE_DIRECTORY ${doc})
  file(COPY_FILE ${CMAKE_CURRENT_LIST_DIR}/copyright ${doc}/copyright)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog.in ${doc}/changelog @ONLY)
  file(GLOB pages ${component}/usr/share/man/man1/*.1)
  execute_process(COMMAND ${gzip} -9nf ${doc}/changelog ${pages} COMMAND_ERROR_IS_FATAL ANY)
  file(GLOB_RECURSE files LIST_DIRECTORIES true ${component}/usr/*)
  foreach(file IN LISTS files)
    if(IS_DIRECTORY ${file})
      file(CHMOD ${file} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
           WORLD_READ WORLD_EXECUTE)
    elseif(file MATCHES "/usr/bin/")
      file(CHMOD ${file} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
           WORLD_READ WORLD_EXECUTE)
    else()
      file(CHMOD ${file} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    endif()
  endforeach()
endforeach()
