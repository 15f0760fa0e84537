#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: reference_page.sh PROGRAM PAGE: the page is what the program prints.
"$1" reference | diff - "$2" && exit 0
echo "docs/reference/configuration.md is not what the schema says: papillon reference > docs/reference/configuration.md"
exit 1
