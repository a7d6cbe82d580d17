#!/bin/sh
# Installs ckaudit into a folder of its own, with the dependencies that requirements/run.txt names by version and hash:
#
#   sh install.sh FOLDER [PYTHON]        then FOLDER/bin/ckaudit; PYTHON is 3.11 or newer, python3 if nothing is said
#
# The action, the image and the recipes of docs/ci.md all install with this. It may run inside a checkout that nobody has read yet:
# -I keeps the working directory off Python's module path, so that a venv.py or pip.py that lies there is not run.
set -eu

if [ $# -lt 1 ]; then
  echo "Which folder? sh install.sh FOLDER [PYTHON]" >&2
  exit 2
fi
source=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder=$1
python=${2:-python3}
if [ "$python" = python3 ] && ! command -v python3 >/dev/null 2>&1; then python=python; fi  # Windows has it under this name
"$python" -I -m venv "$folder"
bin=$folder/bin
if [ -d "$folder/Scripts" ]; then bin=$folder/Scripts; fi  # Windows

pip() { "$bin/python" -I -m pip --disable-pip-version-check --quiet "$@"; }
# Byte code comes with the first run, and only what is used gets some: most of the time of an installation goes there.
pip install --no-compile --require-hashes --only-binary :all: -r "$source/requirements/run.txt"
pip install --no-compile --no-deps --no-build-isolation "$source"
