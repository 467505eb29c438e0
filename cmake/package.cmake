# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian packages, made by cpack (./dev package): secct, the program with man pages and
# completions; wireshark-secct, the plugin; secct-doc, the documents and the suites.

set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL program plugin doc)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)  # Wireshark's plugin folder is an absolute path
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "secct maintainers <secct@localhost>")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/deb/finish.cmake)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME secct)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS wireshark-secct)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS secct-doc)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
"reads, makes and judges IPsec security context transfer (SecCT)
Packets from documents, whole handovers, a conformance suite for routers with
a reference router, and the same rules for captures made elsewhere:
draft-gopal-seamoby-ipsec-relocate.")

set(CPACK_DEBIAN_PLUGIN_PACKAGE_NAME wireshark-secct)
set(CPACK_DEBIAN_PLUGIN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PLUGIN_PACKAGE_ENHANCES "wireshark, tshark")
set(CPACK_COMPONENT_PLUGIN_DESCRIPTION
"Wireshark plugin for IPsec security context transfer (SecCT)
Shows every field and every broken rule of the messages that carry IPsec
security associations from router to router, and tracks handovers.")

set(CPACK_DEBIAN_DOC_PACKAGE_NAME secct-doc)
set(CPACK_DEBIAN_DOC_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DOC_PACKAGE_SECTION doc)
set(CPACK_COMPONENT_DOC_DESCRIPTION
"documents of secct: wire format, behaviour, clauses, command line
What the program and the plugin hold packets and routers against, and the
conformance suites as data.")

include(CPack)
