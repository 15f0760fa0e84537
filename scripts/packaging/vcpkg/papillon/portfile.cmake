# An overlay port of the source tree it stands in:
#   vcpkg install papillon --overlay-ports=papillon/scripts/packaging/vcpkg
# A port elsewhere replaces the next line by vcpkg_from_git or vcpkg_from_github.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

set(VCPKG_BUILD_TYPE release)  # headers only
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS -DPAPILLON_BUILD_TESTS=OFF -DPAPILLON_BUILD_APPS=OFF -DPAPILLON_BUILD_BENCH=OFF -DPAPILLON_NATIVE=OFF -DPAPILLON_INSTALL=ON)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/papillon)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/lib")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
