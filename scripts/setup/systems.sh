# shellcheck shell=bash
# Which system this is. Only Debian and its relatives are set up; for others the commands are named.
# Sourced by scripts/setup.sh.

# shellcheck disable=SC2154  # root, die, warn: scripts/setup.sh

os_release() {
    [ -r "$root/etc/os-release" ] || return 0
    # shellcheck disable=SC1091
    (. "$root/etc/os-release" && eval "printf '%s' \"\${$1:-}\"")
}

require_debian() {
    local kernel name
    kernel=$(uname -s)
    case $kernel in
        Darwin)
            other_system macOS \
                "brew install --cask hashicorp-vagrant virtualbox docker" \
                "brew install augeas pkg-config rsync python@3.12"
            ;;
        MINGW* | MSYS* | CYGWIN*)
            other_system Windows \
                "winget install Hashicorp.Vagrant Oracle.VirtualBox Python.Python.3.12"
            ;;
        Linux) ;;
        *) other_system "$kernel" "install Vagrant (https://developer.hashicorp.com/vagrant/install) and a provider for it" ;;
    esac
    name=$(os_release PRETTY_NAME)
    if [ -r "$root/proc/version" ] && grep -qi microsoft "$root/proc/version"; then
        other_system "Windows (WSL)" \
            "in Windows: winget install Hashicorp.Vagrant Oracle.VirtualBox" \
            "in WSL: export VAGRANT_WSL_ENABLE_WINDOWS_ACCESS=1, and a Vagrant of the same version as in Windows"
    fi
    case " $(os_release ID) $(os_release ID_LIKE) " in
        *" debian "* | *" ubuntu "*) return 0 ;;
        *" fedora "* | *" rhel "*)
            other_system "${name:-Fedora}" \
                "sudo dnf install vagrant vagrant-libvirt moby-engine libvirt qemu-kvm rsync openssh-clients" \
                "sudo dnf install augeas-devel gcc pkgconf-pkg-config python3-devel" \
                "sudo systemctl enable --now docker libvirtd"
            ;;
        *" arch "*)
            other_system "${name:-Arch Linux}" \
                "sudo pacman -S vagrant docker libvirt qemu-full dnsmasq rsync openssh augeas gcc pkgconf python" \
                "vagrant plugin install vagrant-libvirt" \
                "sudo systemctl enable --now docker libvirtd"
            ;;
        *)
            other_system "${name:-this Linux}" \
                "install vagrant, docker (or libvirt with qemu), rsync, an ssh client, augeas with its headers, gcc, pkg-config"
            ;;
    esac
}

# other_system NAME COMMAND...: say what is missing and how to get it, exit 6
other_system() {
    local name=$1 tool missing=() line
    shift
    for tool in vagrant docker virsh rsync ssh gcc pkg-config augparse; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    warn "this script installs on Debian and Ubuntu only, and this is $name: nothing was done"
    if [ "${#missing[@]}" -gt 0 ]; then
        warn "not found here: ${missing[*]} (one provider is enough: docker, or virsh with libvirt, or VirtualBox)"
    fi
    warn "get what is missing with:"
    for line in "$@"; do warn "  $line"; done
    warn "then: python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/devenv doctor"
    exit 6
}
