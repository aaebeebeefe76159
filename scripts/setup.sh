#!/usr/bin/env bash
# Brings a bare Debian or Ubuntu machine to where `devenv up` works. See usage() below.
#
# What is there and right is asked first and then left alone, so a second run takes a second. Each thing that
# is done is said in one line before it is done; with --dry-run the same lines are said and nothing is done.
set -euo pipefail

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Only the tests set this: where the system's own files are looked at (never where anything is written).
root=${SETUP_ROOT:-}
venv=${VENV:-$checkout/.venv}
case $venv in /*) ;; *) venv=$PWD/$venv ;; esac
log_dir=${SETUP_LOG_DIR:-/var/log/devenv}

dry_run=no
for_tests=no
for_benchmarks=no
start_daemons=yes
groups=(vagrant docker libvirt lxc image augeas python)
chosen=("${groups[@]}")
changes=0

usage() {
    cat <<END
usage: scripts/setup.sh [options]

Installs and starts what devenv needs on Debian or Ubuntu: Vagrant with its libvirt and lxc plugins, docker,
libvirt with QEMU, lxc, the tools that build boxes, and a virtual environment with devenv itself.

  --dry-run      say what would be done, do nothing
  --for-tests    also what the tests need (shellcheck, augparse, emacs, nvim; strace, node and others with the group augeas)
  --for-benchmarks
                 also the programs devenv is measured against
  --only NAMES   only these, separated by commas: ${groups[*]}
  --no-start     install only, start no daemon
  -h, --help     this text

The virtual environment is .venv in the checkout; VENV names another folder.
Exit code: 0 done, 1 something failed, 2 wrong option, 6 this system needs other commands (they are named).
END
}

say() { printf 'setup: %s\n' "$*"; }
warn() { printf 'setup: %s\n' "$*" >&2; }
die() {
    local code=$1
    shift
    warn "$@"
    exit "$code"
}

# act MESSAGE COMMAND...: say it, then do it; in a dry run only say it
act() {
    changes=$((changes + 1))
    if [ "$dry_run" = yes ]; then
        say "would: $1"
        return 0
    fi
    say "$1"
    shift
    "$@"
}

as_root() {
    if [ "$EUID" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        die 1 "this needs root: $* (become root, or install sudo)"
    fi
}

wanted() {
    local name
    for name in "${chosen[@]}"; do
        if [ "$name" = "$1" ]; then return 0; fi
    done
    return 1
}

choose() {
    local name all=" ${groups[*]} "
    IFS=, read -r -a chosen <<<"$1"
    for name in "${chosen[@]}"; do
        case $all in
            *" $name "*) ;;
            *) die 2 "--only knows no '$name' (it knows: ${groups[*]})" ;;
        esac
    done
    [ "${#chosen[@]}" -gt 0 ] || die 2 "--only needs a name (it knows: ${groups[*]})"
}

read_options() {
    while [ $# -gt 0 ]; do
        case $1 in
            --dry-run) dry_run=yes ;;
            --for-tests) for_tests=yes ;;
            --for-benchmarks) for_benchmarks=yes ;;
            --no-start) start_daemons=no ;;
            --only=*) choose "${1#--only=}" ;;
            --only)
                [ $# -gt 1 ] || die 2 "--only needs a name (it knows: ${groups[*]})"
                choose "$2"
                shift
                ;;
            -h | --help)
                usage
                exit 0
                ;;
            *) die 2 "unknown option '$1' (see scripts/setup.sh --help)" ;;
        esac
        shift
    done
}

# shellcheck source=scripts/setup/systems.sh
. "$checkout/scripts/setup/systems.sh"
# shellcheck source=scripts/setup/packages.sh
. "$checkout/scripts/setup/packages.sh"
# shellcheck source=scripts/setup/daemons.sh
. "$checkout/scripts/setup/daemons.sh"
# shellcheck source=scripts/setup/python.sh
. "$checkout/scripts/setup/python.sh"
# shellcheck source=scripts/setup/judges.sh
. "$checkout/scripts/setup/judges.sh"

main() {
    read_options "$@"
    require_debian
    if wanted python; then find_python; fi
    if [ "$dry_run" = no ]; then
        # two runs at once would fight over apt and the virtual environment; the second waits
        exec 9<"$checkout"
        flock -n 9 || { say "another run is at work in this checkout: waiting for it" && flock 9; }
    fi
    install_packages
    if [ "$start_daemons" = yes ]; then
        if wanted docker; then start_docker; fi
        if wanted libvirt; then start_libvirt; fi
        if wanted lxc; then start_lxc; fi
    fi
    if wanted python; then make_venv; fi
    if wanted python && wanted augeas && [ "$for_tests" = yes ]; then install_judges; fi
    name_groups
    if [ "$changes" -eq 0 ]; then
        say "nothing to do (${SECONDS} s)"
    elif [ "$dry_run" = yes ]; then
        say "nothing was done (--dry-run)"
    else
        say "done in ${SECONDS} s"
    fi
}

main "$@"
