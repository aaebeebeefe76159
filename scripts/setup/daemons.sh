# shellcheck shell=bash
# Starts docker, libvirt and lxc's network, with systemd where it runs, by hand elsewhere.
# What runs already is not touched. Sourced by scripts/setup.sh.

# shellcheck disable=SC2154  # root, log_dir, python, checkout, dry_run: scripts/setup.sh

has_systemd() { [ -d "$root/run/systemd/system" ]; }

# pid_of NAME: the process of that name on this machine, not one in a container (pgrep may not be installed)
pid_of() {
    local entry comm here there
    here=$(readlink /proc/self/ns/pid)
    for entry in "$root"/proc/[0-9]*; do
        { read -r comm <"$entry/comm"; } 2>/dev/null || continue
        [ "$comm" = "$1" ] || continue
        there=$(readlink "$entry/ns/pid" || true)
        if [ "${there:-$here}" = "$here" ]; then
            echo "${entry##*/}"
            return 0
        fi
    done
    return 1
}
running() { pid_of "$1" >/dev/null; }

# systemd UNIT...: enable and start those that are not active
systemd() {
    local unit
    for unit in "$@"; do
        if ! systemctl is-active --quiet "$unit" 2>/dev/null; then
            act "systemctl enable --now $unit" as_root systemctl enable --now "$unit"
        fi
    done
}

# by_hand LOG COMMAND...: start a daemon as root that outlives this script and holds none of its files open:
# a caller reading our output through a pipe would otherwise wait for the daemon's end
by_hand() {
    local log=$log_dir/$1
    shift
    # shellcheck disable=SC2016  # expanded by the inner shell
    as_root setsid -f sh -c '
        mkdir -p "$(dirname "$1")"
        exec </dev/null >>"$1" 2>&1
        for fd in 3 4 5 6 7 8 9; do eval "exec $fd>&-"; done
        shift
        exec "$@"' sh "$log" "$@" </dev/null >/dev/null 2>&1
}

# wait_for SECONDS LOG WHAT COMMAND...: until COMMAND succeeds; on failure the log's end and exit 1
wait_for() {
    local limit=$((SECONDS + $1)) log=$log_dir/$2 what=$3
    shift 3
    until "$@"; do
        if [ "$SECONDS" -ge "$limit" ]; then
            as_root tail -n 10 "$log" 2>/dev/null | sed 's/^/    /' >&2 || true
            die 1 "$what did not start; its log is $log"
        fi
        sleep 0.2
    done
}

# --- docker

docker_answers() { timeout 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
docker_answers_root() { as_root timeout 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

start_docker() {
    if docker_answers || running dockerd; then return 0; fi
    if has_systemd; then
        systemd docker.service
        return 0
    fi
    act "starting dockerd (log: $log_dir/dockerd.log)" start_dockerd
}

start_dockerd() {
    by_hand dockerd.log dockerd
    wait_for 60 dockerd.log dockerd docker_answers_root
}

# --- libvirt

# virsh without a user's default connection, and away from the terminal, where it would start an agent that asks for
# passwords and prints of it
virsh_system() { as_root timeout 60 setsid --wait virsh --quiet --connect qemu:///system "$@"; }
libvirt_answers() { virsh_system uri >/dev/null 2>&1; }
libvirt_runs() {
    if has_systemd; then
        systemctl is-active --quiet libvirtd.socket libvirtd.service virtqemud.socket 2>/dev/null || running libvirtd
    else
        running libvirtd
    fi
}

start_libvirt() {
    if libvirt_runs; then
        name_slow_libvirt
    elif has_systemd; then
        systemd virtlogd.socket libvirtd.service
        name_slow_libvirt
    else
        # two daemons; the second is the one that answers
        running virtlogd || act "starting virtlogd (log: $log_dir/virtlogd.log)" by_hand virtlogd.log virtlogd
        if kvm_is_broken; then
            act "starting libvirtd where /dev/kvm is not visible ($kvm_says)" start_libvirtd hide_kvm
        else
            act "starting libvirtd (log: $log_dir/libvirtd.log)" start_libvirtd by_hand
        fi
    fi
    start_default_network
}

# start_libvirtd HOW
start_libvirtd() {
    "$1" libvirtd.log libvirtd
    wait_for 60 libvirtd.log libvirtd libvirt_answers
}

# hide_kvm LOG COMMAND...: like by_hand, in a mount namespace without /dev/kvm. With a broken one in sight
# libvirt drops what it knows of QEMU at every look-up and takes half a minute to define a machine.
hide_kvm() {
    local log=$1
    shift
    by_hand "$log" unshare --mount --propagation slave sh "$checkout/scripts/setup/without-kvm.sh" "$@"
}

kvm_says=
kvm_is_broken() {
    [ -e "$root/dev/kvm" ] || return 1
    # from the checkout: devenv need not be installed yet. Where no python was looked for, take the usual one.
    local probe=(timeout 10 "${python:-python3}" -B -m devenv.box.kvm)
    [ "$dry_run" = yes ] || probe=(as_root "${probe[@]}")
    kvm_says=$(cd "$checkout" && "${probe[@]}" 2>&1) && return 1
    case $kvm_says in "KVM is broken: "*) kvm_says=${kvm_says#KVM is } ;; *) return 1 ;; esac
}

# libvirtd is left as it runs; when it looks at a broken /dev/kvm, say so and how to mend it.
name_slow_libvirt() {
    local pid
    if [ "$EUID" -ne 0 ] || [ "$dry_run" = yes ]; then return 0; fi
    pid=$(pid_of libvirtd) || return 0
    [ -e "/proc/$pid/root/dev/kvm" ] && kvm_is_broken || return 0
    say "KVM is $kvm_says; libvirtd sees it and will be slow (half a minute for each machine)"
    if has_systemd; then
        say "  mend it until the next start of the system: rm /dev/kvm && systemctl restart libvirtd"
    else
        say "  mend it when no machine runs: kill $pid, then run this script again"
    fi
}

start_default_network() {
    local networks
    # only root may ask libvirt: others look at the bridge, and are not asked for a password twice
    if [ "$EUID" -ne 0 ] && [ -e "$root/sys/class/net/virbr0" ]; then return 0; fi
    if [ "$dry_run" = yes ] && { [ "$EUID" -ne 0 ] || ! libvirt_runs; }; then
        act "virsh net-start default"
        return 0
    fi
    if ! networks=$(virsh_system net-list --all --name); then
        die 1 "libvirtd runs and does not answer: virsh --connect qemu:///system net-list says why"
    fi
    if ! grep -qx default <<<"$networks"; then
        act "virsh net-define default" virsh_system net-define /usr/share/libvirt/networks/default.xml
    fi
    # into a variable and not a pipe: grep -q ends at the first match, and virsh then fails for want of a reader
    networks=$(virsh_system net-list --name)
    if ! grep -qx default <<<"$networks"; then
        act "virsh net-start default" virsh_system net-start default
    fi
    networks=$(virsh_system net-list --autostart --name --all)
    if ! grep -qx default <<<"$networks"; then
        act "virsh net-autostart default" virsh_system net-autostart default
    fi
}

# --- lxc

lxc_net() {
    local at
    for at in /usr/libexec/lxc/lxc-net /usr/lib/*/lxc/lxc-net /usr/lib/lxc/lxc-net; do
        if [ -x "$at" ]; then
            echo "$at"
            return 0
        fi
    done
    return 1
}

start_lxc() {
    local script
    if [ -e "$root/sys/class/net/lxcbr0" ] && lxc_dhcp_runs; then return 0; fi
    if has_systemd; then
        systemd lxc-net.service
    elif script=$(lxc_net); then
        act "starting lxc's network (lxcbr0)" start_lxcbr0 "$script"
    elif [ "$dry_run" = yes ]; then
        act "starting lxc's network (lxcbr0)"
    fi
}

# A bridge outlives the dnsmasq that gives its containers their addresses.
lxc_dhcp_runs() {
    [ -z "$root" ] || return 0
    local pid
    pid=$(cat /run/lxc/dnsmasq.pid 2>/dev/null) && [ -n "$pid" ] && grep -qsa dnsmasq "/proc/$pid/cmdline"
}

start_lxcbr0() {
    if [ -e /sys/class/net/lxcbr0 ]; then as_root "$1" stop >/dev/null 2>&1 || true; fi
    by_hand lxc-net.log "$1" start
    wait_for 20 lxc-net.log "lxc's network (is USE_LXC_BRIDGE=\"true\" in /etc/default/lxc-net?)" lxc_dhcp_runs
}

# Being in a group gives a person power over the machine, so it is named and never done.
name_groups() {
    local group lacking=()
    if [ "$EUID" -eq 0 ] || [ "$dry_run" = yes ]; then return 0; fi
    for group in docker libvirt kvm; do
        if getent group "$group" >/dev/null && ! id -nG | grep -qw "$group"; then lacking+=("$group"); fi
    done
    [ "${#lacking[@]}" -gt 0 ] || return 0
    say "you are not in ${lacking[*]}: boxes need that. Join, then log in again:"
    say "  sudo usermod -aG $(IFS=,; echo "${lacking[*]}") $(id -un)"
}
