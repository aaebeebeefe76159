# shellcheck shell=bash
# Which of Debian's packages are missing, and installing them in one go. Sourced by scripts/setup.sh.

# shellcheck disable=SC2154  # root, dry_run, for_tests, for_benchmarks, log_dir, python_packages: scripts/setup.sh

# Packages without which the rest still works: named when this release does not have them, never an error.
optional=" grub-pc-bin vagrant-lxc lxc "

missing=()

# need PACKAGE...: put those that are not installed on the list
need() {
    local package installed
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
    for package in "$@"; do
        case $'\n'"$installed"$'\n' in
            *$'\n'"installed $package"$'\n'*) ;;
            *) missing+=("$package") ;;
        esac
    done
}

# HashiCorp's own package brings its own Ruby, in which Debian's plugins are not found.
foreign_vagrant() {
    local at
    at=$(command -v vagrant) || return 1
    [ "$(dpkg-query -W -f='${db:Status-Status}' vagrant 2>/dev/null)" != installed ] || [ -x "$root/opt/vagrant/bin/vagrant" ] || return 1
    say "vagrant is there already and not Debian's ($at): left as it is"
    say "  its plugins, if they are not there: vagrant plugin install vagrant-libvirt vagrant-lxc"
}

need_vagrant() {
    if foreign_vagrant; then
        need rsync openssh-client
    else
        need vagrant rsync openssh-client
        if wanted libvirt; then need vagrant-libvirt; fi
        if wanted lxc; then need vagrant-lxc; fi
    fi
}

# A docker from elsewhere (docker-ce, a remote DOCKER_HOST, a static build) is as good as Debian's. A client
# alone, without a daemon that answers, is not.
need_docker() {
    if command -v docker >/dev/null && docker_answers; then return 0; fi
    if command -v dockerd >/dev/null; then
        need iptables
        command -v docker >/dev/null || missing+=(docker-cli)
        return 0
    fi
    need docker.io iptables
    # newer releases keep the client in a package of its own, which docker.io only recommends
    if ! command -v docker >/dev/null && [ -n "$(apt-cache search --names-only '^docker-cli$' 2>/dev/null)" ]; then
        missing+=(docker-cli)
    fi
}

need_for_tests() {
    need shellcheck augeas-tools libxml2-utils
    if ! wanted augeas; then return 0; fi
    # editors that work on a box
    command -v emacs >/dev/null || need emacs-nox
    command -v nvim >/dev/null || need neovim
    command -v vim >/dev/null || need vim
    # what kills edits at every system call, and the judges of edited files
    need strace
    # the programs that files read with lenses belong to
    need sudo openssh-server nginx-light apache2-bin logrotate git
    command -v node >/dev/null || need nodejs
    command -v npm >/dev/null || need npm
}

need_for_benchmarks() {
    need jq gojq augeas-tools
    command -v node >/dev/null || need nodejs
    command -v npm >/dev/null || need npm
}

install_packages() {
    if wanted vagrant; then need_vagrant; fi
    if wanted docker; then need_docker; fi
    if wanted libvirt; then
        need libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils dnsmasq-base iptables
    fi
    if wanted lxc; then need lxc dnsmasq-base iptables; fi
    if wanted image; then
        need mmdebstrap grub-pc-bin grub2-common fdisk e2fsprogs qemu-utils
    fi
    if wanted augeas || wanted python; then need libaugeas0 libaugeas-dev augeas-lenses pkg-config gcc libc6-dev; fi
    if wanted augeas; then need augeas-tools; fi
    if wanted python; then need ca-certificates "${python_packages[@]}"; fi
    if [ "$for_tests" = yes ]; then need_for_tests; fi
    if [ "$for_benchmarks" = yes ]; then need_for_benchmarks; fi
    [ "${#missing[@]}" -gt 0 ] || return 0
    mapfile -t missing < <(printf '%s\n' "${missing[@]}" | awk '!seen[$0]++')
    act "apt-get install ${missing[*]}" apt_install
}

apt_log=$log_dir/apt.log

# What keeps packages from starting their services. Of those for the tests, which are servers, none is to run; what
# is to run is started by name afterwards.
no_services() { [ "$for_tests" != yes ] || printf '%s' "$root/usr/sbin/policy-rc.d"; }

# logged COMMAND...: run as root with all output in apt's log
logged() {
    # shellcheck disable=SC2016  # expanded by the inner shell
    as_root sh -c 'mkdir -p "$(dirname "$1")"; log=$1; policy=$2; shift 2
        if [ -n "$policy" ] && [ -d "${policy%/*}" ] && [ ! -e "$policy" ]; then
            trap "rm -f \"$policy\"" EXIT
            printf "#!/bin/sh\nexit 101\n" >"$policy" && chmod 755 "$policy"
        fi
        "$@" >>"$log" 2>&1 </dev/null' sh "$apt_log" "$(no_services)" \
        env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
        apt-get -q -y -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"
}

apt_tail() { as_root tail -n "$1" "$apt_log" | sed 's/^/    /' >&2; }

apt_install() {
    local before=$SECONDS
    # one broken third-party source must not stop us while Debian's own lists are there
    if ! logged update; then
        warn "apt-get update had errors (a broken entry in /etc/apt/sources.list.d?); going on with the lists it has:"
        as_root grep -E '^(E|W|Err)' "$apt_log" | tail -n 3 | sed 's/^/    /' >&2 || true
    fi
    drop_unavailable
    if ! logged install --no-install-recommends "${missing[@]}"; then
        apt_tail 15
        die 1 "apt-get install failed; the whole output is in $apt_log"
    fi
    hash -r
    keep_off
    say "  installed ${#missing[@]} packages in $((SECONDS - before)) s (output: $apt_log)"
}

# Servers that were installed now, and only for what they say of a file, do not start at the next boot either.
keep_off() {
    local pair
    if [ "$for_tests" != yes ] || ! has_systemd; then return 0; fi
    for pair in nginx-light:nginx openssh-server:ssh; do
        case " ${missing[*]} " in
            *" ${pair%%:*} "*) as_root systemctl disable --quiet "${pair##*:}" 2>/dev/null || true ;;
        esac
    done
}

# A package this release does not have: optional ones are named and left out, others end the run.
drop_unavailable() {
    local package there=() without=()
    for package in "${missing[@]}"; do
        # awk reads to the end: leaving early would break apt-cache's pipe, which pipefail counts as a failure
        if apt-cache policy "$package" 2>/dev/null | awk '/Candidate:/ && $2 != "(none)" {ok = 1} END {exit !ok}'; then
            there+=("$package")
        elif [[ $optional == *" $package "* ]]; then
            warn "  this release has no package $package: what needs it will not work here"
        else
            without+=("$package")
        fi
    done
    if [ "${#without[@]}" -gt 0 ]; then
        warn "no apt source on this machine has: ${without[*]}"
        case " ${without[*]} " in
            *" vagrant "*) warn "get vagrant from https://developer.hashicorp.com/vagrant/install, then run this again" ;;
            *) warn "look at /etc/apt/sources.list (Ubuntu: is 'universe' there?) and at $apt_log, then run this again" ;;
        esac
        exit 6
    fi
    missing=("${there[@]}")
}
