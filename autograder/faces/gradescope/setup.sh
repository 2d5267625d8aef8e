#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: Python, the packages of requirements.txt, and
# libseccomp2 for the wall. The kit itself stays in /autograder/source, to which a path file leads.
# Choose a container of 2 CPUs and 3 GB or more: torch takes most of a gigabyte. constraints.txt holds it to its CPU
# build, as the default one for Linux brings gigabytes for graphics cards along.
set -euo pipefail

root="${AUTOGRADER_ROOT:-/autograder}"

apt-get update
apt-get install -y libseccomp2

# The image's own Python where it is new enough, else the newest that its system offers.
versions="3.13 3.12 3.11"
for version in $versions; do
    command -v "python$version" > /dev/null && python="python$version" && break
done
for version in $versions; do
    test -n "${python:-}" && break
    apt-get install -y "python$version" && python="python$version"
done
apt-get install -y "${python:-python3}-venv" || true # some images bring it along
"${python:?This image has no Python from 3.11 to 3.13: choose a newer Ubuntu as the base image}" -m venv "$root/venv"

"$root/venv/bin/pip" install --no-cache-dir --requirement "$root/source/requirements.txt" \
    --constraint "$root/source/constraints.txt"
echo "$root/source" > "$("$root/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/autograder.pth"
"$root/venv/bin/python" -c 'import autograder.faces.gradescope.container'
if [[ "$(< "$root/source/requirements.txt")" == *torch* ]]; then "$root/venv/bin/python" -c 'import torch'; fi
