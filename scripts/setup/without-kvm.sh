#!/bin/sh
# without-kvm.sh COMMAND...: run a libvirtd that sees no /dev/kvm. To be started in a mount namespace of its own
# (unshare --mount), as root: nothing outside that namespace changes, the user's qemu.conf included.
set -eu

state=/run/devenv/libvirt
mkdir -p "$state/dev"

mount -t tmpfs -o mode=755,nosuid devenv-dev "$state/dev"
for entry in /dev/*; do
    name=${entry##*/}
    if [ "$name" = kvm ]; then
        continue
    elif [ -L "$entry" ] || [ -b "$entry" ] || [ -c "$entry" ]; then
        cp -a "$entry" "$state/dev/$name"
    elif [ -d "$entry" ]; then
        mkdir "$state/dev/$name"
        mount --rbind "$entry" "$state/dev/$name"
    fi
done
mount --move "$state/dev" /dev

# libvirt would give each machine a private /dev of its own making, and cannot do so on top of this one
conf=/etc/libvirt/qemu.conf
if [ -e "$conf" ]; then
    (umask 077 && { grep -v '^[[:space:]]*namespaces[[:space:]]*=' "$conf" || true; echo 'namespaces = []'; } >"$state/qemu.conf")
    mount --bind "$state/qemu.conf" "$conf"
fi

exec "$@"
