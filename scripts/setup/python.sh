# shellcheck shell=bash
# The Python to use, and the virtual environment with devenv in it. Sourced by scripts/setup.sh.

# shellcheck disable=SC2154  # checkout, venv, log_dir, dry_run: scripts/setup.sh

python=
python_packages=()

# Take the first python 3.11 or newer, and name the packages it lacks for making an environment.
find_python() {
    local candidate facts version system seen=()
    if venv_is_current; then
        python=$venv/bin/python
        return 0
    fi
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        command -v "$candidate" >/dev/null || continue
        facts=$("$candidate" -c '
import importlib.util, os, sys, sysconfig
there = [all(map(importlib.util.find_spec, ("venv", "ensurepip"))),
         os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h"))]
print("%d.%d" % sys.version_info[:2], int(sys.version_info >= (3, 11)), int(sys.base_prefix == "/usr"), *map(int, there))
' 2>/dev/null) || continue
        read -r version new_enough system has_venv has_headers <<<"$facts"
        seen+=("$candidate is $version")
        if [ "$new_enough" = 1 ]; then
            python=$(command -v "$candidate")
            break
        fi
    done
    if [ -z "$python" ]; then
        warn "Python 3.11 or newer is needed; found: $(join '; ' "${seen[@]:-none}")"
        die 6 "get one with: apt-get install python3.11 (or a newer release of this system), then run this again"
    fi
    if [ "$system" = 1 ]; then
        if [ "$has_venv" = 0 ]; then python_packages+=("$(debian_python "$version")-venv"); fi
        if [ "$has_headers" = 0 ]; then python_packages+=("$(debian_python "$version")-dev"); fi
    elif [ "$has_venv$has_headers" != 11 ]; then
        die 6 "$python cannot make virtual environments or has no headers (Python.h); put another python3 first in PATH"
    fi
}

join() {
    local separator=$1 text=$2 item
    shift 2
    for item in "$@"; do text+=$separator$item; done
    printf '%s' "$text"
}

# "python3" where that is this version, else "python3.12"
debian_python() {
    if [ "$(readlink -f /usr/bin/python3)" = "/usr/bin/python$1" ]; then echo python3; else echo "python$1"; fi
}

# What the environment was made from; another answer means: install again. Which Python made it is not a part:
# sudo's PATH may find another one than the user's, and both would install over and over.
stamp() { printf '%s %s\n' "$checkout" "$(sha256sum <"$checkout/pyproject.toml")"; }

made=$venv/.devenv-setup
venv_is_current() {
    [ -x "$venv/bin/devenv" ] && [ -r "$made" ] && [ "$(cat "$made")" = "$(stamp)" ] && "$venv/bin/python" -c '' 2>/dev/null
}

venv_runs() { [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import pip' 2>/dev/null; }

make_venv() {
    local other
    if venv_is_current; then return 0; fi
    if ! venv_runs; then
        # in a box the host's folder is shared, and with it an environment whose Python is on the host
        if [ -r "$made" ] && read -r other _ <"$made" && [ "$other" != "$checkout" ]; then
            die 1 "$venv was made in $other and does not run here: set VENV to another folder, or remove it"
        fi
        act "virtual environment $venv (Python $("$python" -c 'import platform; print(platform.python_version())'))" \
            "$python" -m venv --clear "$venv"
    fi
    act "pip install -e '.[dev]' into $venv" pip_install
    [ "$dry_run" = yes ] || stamp >"$made"
}

pip_install() {
    local before=$SECONDS log=$venv/pip.log bundle=/etc/ssl/certs/ca-certificates.crt
    # the system's bundle knows the certificates of a network that re-signs TLS; pip's own does not
    if [ -z "${PIP_CERT:-}" ] && [ -r "$bundle" ] && ! "$venv/bin/python" -m pip config get global.cert >/dev/null 2>&1; then
        export PIP_CERT=$bundle
    fi
    if ! (cd "$checkout" && "$venv/bin/python" -m pip install --disable-pip-version-check -e '.[dev]') \
        >"$log" 2>&1 </dev/null 9<&-; then
        tail -n 15 "$log" | sed 's/^/    /' >&2
        die 1 "pip install failed; the whole output is in $log"
    fi
    quick_launcher
    quick_start
    say "  installed in $((SECONDS - before)) s (output: $log)"
}

# pip's launcher loads Python's regular expressions to cut ".exe" off its name, which only Windows has: a quarter of the
# time of a small edit
quick_launcher() {
    local launcher=$venv/bin/devenv text
    if text=$(grep -v -e '^import re$' -e '^ *sys\.argv\[0\] = re\.sub(' "$launcher"); then
        printf '%s\n' "$text" >"$launcher"
    fi
}

# Python 3.11 puts setuptools into every environment, and with it a hook that each start of Python runs; nothing here
# needs it, and newer Pythons leave it out
quick_start() {
    if compgen -G "$venv/lib/python*/site-packages/distutils-precedence.pth" >/dev/null; then
        "$venv/bin/python" -m pip uninstall --quiet --yes setuptools >>"$venv/pip.log" 2>&1 || true
    fi
}
