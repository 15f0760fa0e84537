# SPDX-License-Identifier: MIT
"""Conan 2 recipe of the headers. `conan create scripts/packaging/conan -s compiler.cppstd=20`, with `-o papillon/*:full=True` for what
needs Eigen, xtensor, nlohmann-json and OpenSSL."""
import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load

source_tree = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")


class Papillon(ConanFile):
    name = "papillon"
    license = "MIT"
    description = "Neural-network layers and linear operators with compile-time sparsity structures, header-only"
    package_type = "header-library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"full": [True, False]}
    default_options = {"full": False}
    no_copy_source = True

    def set_version(self):
        text = load(self, os.path.join(source_tree, "include", "papillon", "version.hpp"))
        self.version = ".".join(re.search(rf"VERSION_{part} (\d+)", text).group(1) for part in ("MAJOR", "MINOR", "PATCH"))

    def export_sources(self):
        copy(self, "include/*", source_tree, self.export_sources_folder)
        copy(self, "LICENSE", source_tree, self.export_sources_folder)

    def requirements(self):
        if self.options.full:
            for package in ("eigen/3.4.0", "xtensor/0.24.7", "nlohmann_json/3.11.3", "openssl/[>=1.1 <4]"):
                self.requires(package, transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def package(self):
        copy(self, "include/*", self.source_folder, self.package_folder)
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_id(self):
        self.info.settings.clear()

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "papillon")
        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "papillon::papillon")
        core.set_property("pkg_config_name", "papillon")
        core.bindirs = core.libdirs = []
        if self.settings.os in ("Linux", "FreeBSD"):
            core.system_libs = ["pthread"]
        if self.options.full:
            full = self.cpp_info.components["full"]
            full.set_property("cmake_target_name", "papillon::full")
            full.bindirs = full.libdirs = full.includedirs = []
            full.requires = ["core", "eigen::eigen", "xtensor::xtensor", "nlohmann_json::nlohmann_json", "openssl::crypto"]
