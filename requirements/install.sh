#!/bin/sh
# Makes .venv and installs one of the locked requirements files into it; does nothing when that is already so.
#
#   requirements/install.sh all|core|dev
#
# PYTHON names the interpreter to use. core is part of all, and all of dev, at the same versions, so an
# environment that holds dev also serves a run that asks for all.
set -eu
cd "$(dirname "$0")/.."

wanted=${1:-all}
stamp=.venv/.installed

refuse() {
    echo "$1" >&2
    exit 1
}

# The checksum line of every file that an environment holding $1 satisfies.
satisfied_by() {
    case $1 in
    core) cksum requirements/core.txt ;;
    all) cksum requirements/core.txt requirements/all.txt ;;
    dev) cksum requirements/core.txt requirements/all.txt requirements/dev.txt ;;
    *) refuse "usage: requirements/install.sh core|all|dev" ;;
    esac
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

is_installed() {
    [ -f "$stamp" ] && grep -qxF "$(cksum "requirements/$wanted.txt")" "$stamp" && is_new_enough .venv/bin/python
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_new_enough "$PYTHON" && echo "$PYTHON" && return
        refuse "PYTHON=$PYTHON is not a Python 3.11 or newer; name one that is, or leave PYTHON unset to have it found."
    fi
    for candidate in python3.14 python3.13 python3.12 python3.11 python3 python; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    refuse "Holdfast needs Python 3.11 or newer and found none: install one (Debian: apt install python3 python3-venv; macOS: brew install python), or name it with PYTHON=/path/to/python3."
}

make_environment() {
    is_new_enough .venv/bin/python && return
    python=$(find_python) || exit 1
    echo "Making .venv with $("$python" --version) …"
    if command -v uv >/dev/null 2>&1 && uv venv --quiet --clear --python "$python" .venv; then
        return
    fi
    # Without pip, because Debian's python3 has the venv module but not what puts pip into it.
    "$python" -c 'import venv' 2>/dev/null ||
        refuse "$python has no venv module: install the package python3-venv (Debian: apt install python3-venv) and try again."
    "$python" -m venv --clear --without-pip .venv || refuse "$python could not make .venv: the lines above say why."
}

# Prints the command that installs with pip: the environment's own, or the machine's pointed at the environment.
find_pip() {
    if .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null 2>&1; then
        echo ".venv/bin/python -m pip"
        return
    fi
    home=$(.venv/bin/python -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))')
    for candidate in "$home" python3; do
        if "$candidate" -m pip --python .venv/bin/python --version >/dev/null 2>&1; then
            echo "$candidate -m pip --python .venv/bin/python"
            return
        fi
    done
    refuse "There is no pip to install with: install the package python3-venv (Debian: apt install python3-venv) and try again."
}

install_requirements() {
    file=requirements/$wanted.txt
    echo "Installing $file …"
    if command -v uv >/dev/null 2>&1; then
        uv pip install --quiet --python .venv/bin/python --no-deps --require-hashes -r "$file" && return
        echo "uv could not install them; trying pip …" >&2
    fi
    pip=$(find_pip) || exit 1
    # shellcheck disable=SC2086  # a command and its words
    $pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes -r "$file" ||
        refuse "$file could not be installed: the lines above say why; a package index must be reachable the first time."
}

satisfied_by "$wanted" >/dev/null
if ! is_installed; then
    make_environment
    rm -f "$stamp"
    install_requirements
    satisfied_by "$wanted" >"$stamp"
fi
