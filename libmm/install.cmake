# What another project needs to build against libmm: the libraries, the header, and how
# pkg-config (libmm) and find_package(libmm) find them.  The installed tree can be moved.
include(CMakePackageConfigHelpers)

set(config ${CMAKE_INSTALL_LIBDIR}/cmake/libmm)
install(TARGETS mm mm_static EXPORT libmm
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/libmm)

install(EXPORT libmm NAMESPACE libmm:: FILE libmmTargets.cmake DESTINATION ${config})
configure_package_config_file(libmmConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/libmmConfig.cmake
  INSTALL_DESTINATION ${config})
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/libmmConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/libmmConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/libmmConfigVersion.cmake
  DESTINATION ${config})

file(RELATIVE_PATH prefix_from_pc
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" prefix_from_pc ${prefix_from_pc})
configure_file(libmm.pc.in ${CMAKE_CURRENT_BINARY_DIR}/libmm.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libmm.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
