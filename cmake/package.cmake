# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian packages, made by cpack (./dev package): secct (the program, its manual pages,
# completions and schemas), wireshark-plugin-secct (the plugin), secct-doc (documentation and suites).

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL program plugin doc)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "secct maintainers <secct@example.org>")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/deb/finish.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME secct)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS wireshark-plugin-secct)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS secct-doc)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
"generator and conformance suite for IPsec security context transfer (SecCT)
Makes packets and complete handovers, tests routers with a conformance suite,
checks existing captures, and contains a reference router:
draft-gopal-seamoby-ipsec-relocate.")

set(CPACK_DEBIAN_PLUGIN_PACKAGE_NAME wireshark-plugin-secct)
set(CPACK_DEBIAN_PLUGIN_PACKAGE_SHLIBDEPS ON)
# The plugin works with one series of Wireshark only.
math(EXPR next_minor "${wireshark_minor} + 1")
set(CPACK_DEBIAN_PLUGIN_PACKAGE_DEPENDS
    "libwireshark-data (>= ${wireshark_series}), libwireshark-data (<< ${wireshark_major}.${next_minor})")
set(CPACK_DEBIAN_PLUGIN_PACKAGE_ENHANCES "wireshark, tshark")
set(CPACK_COMPONENT_PLUGIN_DESCRIPTION
"Wireshark plugin for IPsec security context transfer (SecCT)
Decodes every field and reports every broken rule of the messages that carry
IPsec security associations from router to router, and tracks handovers.")

set(CPACK_DEBIAN_DOC_PACKAGE_NAME secct-doc)
set(CPACK_DEBIAN_DOC_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DOC_PACKAGE_SECTION doc)
set(CPACK_COMPONENT_DOC_DESCRIPTION
"documentation of secct: wire format, behaviour, clauses, command line
The rules that the program and the plugin check, and the cases of the
conformance suite.")

include(CPack)
