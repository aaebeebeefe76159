"""What a box holds beyond Debian's packages: its few files and the commands that set it up.

All of it is data. The recipe's fingerprint is taken over these texts, so a change here makes new boxes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class GuestFile:
    """One file of the guest: absolute path, text, mode, owner and group id."""

    path: str
    text: str
    mode: int = 0o644
    owner: int = 0


VAGRANT_UID = 1000

SSHD = """\
# devenv: keys only; no reverse look-ups, which cost seconds behind NAT
PasswordAuthentication no
UseDNS no
UsePAM yes
AllowTcpForwarding yes
HostKey /etc/ssh/ssh_host_ed25519_key
HostKey /etc/ssh/ssh_host_ecdsa_key
"""

HOST_KEYS = """\
#!/bin/sh
# Every machine makes its own host keys at its first boot: a box never ships them.
set -eu
for kind in ed25519 ecdsa; do
    key=/etc/ssh/ssh_host_${kind}_key
    [ -s "$key" ] || { rm -f "$key" "$key.pub"; ssh-keygen -q -t "$kind" -N '' -C '' -f "$key"; }
done
"""

HOST_KEYS_UNIT = """\
[Unit]
Description=Make this machine's own ssh host keys
Before=ssh.service ssh.socket
ConditionPathExists=|!/etc/ssh/ssh_host_ed25519_key
ConditionPathExists=|!/etc/ssh/ssh_host_ecdsa_key

[Service]
Type=oneshot
ExecStart=/usr/lib/devenv/host-keys

[Install]
WantedBy=ssh.service
"""

CONTAINER_START = """\
#!/bin/sh
# The first program of a docker machine, in the place of systemd: starts what a boot would start (the services enabled
# in run level 2, ssh last, so that a machine one can reach has finished booting) and stops it again in reverse.
# It waits for the signal to stop and not for sshd, so that an update may restart sshd.
set -u
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

services() {
    for link in /etc/rc2.d/S[0-9][0-9]*; do
        [ -e "$link" ] || continue
        name=${link##*/S[0-9][0-9]}
        [ "$name" = ssh ] || echo "$name"
    done
}

stop() {
    trap '' TERM INT
    service ssh stop
    for name in $(services | tac); do service "$name" stop; done
    exit 0
}

trap stop TERM INT
# what an earlier start left there, where /run is not a tmpfs (a create_args of one's own replaces the box's)
find /run -name '*.pid' -delete
systemd-tmpfiles --create --boot --exclude-prefix=/dev --exclude-prefix=/proc --exclude-prefix=/sys 2>/dev/null
# pam_nologin keeps everybody out while this is there; systemd would remove it at the end of a boot
rm -f /run/nologin
[ -s /etc/machine-id ] || systemd-machine-id-setup >/dev/null 2>&1
# packages ask for the run level before they start a service, and without systemd nobody knows one
if [ "$(runlevel)" != "N 2" ]; then
    dpkg-divert --quiet --local --rename --divert /usr/sbin/runlevel.systemd --add /usr/sbin/runlevel
    printf '#!/bin/sh\\necho N 2\\n' >/usr/sbin/runlevel
    chmod 755 /usr/sbin/runlevel
fi
/usr/lib/devenv/host-keys
for name in $(services); do service "$name" start; done
service ssh start
# in the background, so that a signal is handled at once
while :; do
    sleep infinity &
    wait $!
done
"""

NETWORK = """\
[Match]
Name=e*

[Network]
DHCP=yes

[DHCPv4]
# the default is derived from the machine id: a provider looks the lease up by the network card
ClientIdentifier=mac
"""

HOSTS = """\
127.0.0.1\tlocalhost
127.0.1.1\tdebian
::1\tlocalhost ip6-localhost ip6-loopback
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
"""

DPKG_SMALL = """\
# devenv: translations of messages are left out of the box (35 MB). Remove this file to get them again.
path-exclude=/usr/share/locale/*
path-include=/usr/share/locale/locale.alias
"""

FILES = (
    GuestFile("/etc/hostname", "debian\n"),
    GuestFile("/etc/hosts", HOSTS),
    GuestFile("/etc/default/locale", "LANG=C.UTF-8\n"),
    GuestFile("/etc/dpkg/dpkg.cfg.d/devenv-small", DPKG_SMALL),
    GuestFile("/etc/ssh/sshd_config.d/10-devenv.conf", SSHD),
    GuestFile("/etc/sudoers.d/vagrant", "vagrant ALL=(ALL:ALL) NOPASSWD: ALL\n", 0o440),
    GuestFile("/etc/systemd/network/80-devenv.network", NETWORK),
    GuestFile("/etc/systemd/system/devenv-host-keys.service", HOST_KEYS_UNIT),
    GuestFile("/usr/lib/devenv/host-keys", HOST_KEYS, 0o755),
    GuestFile("/usr/lib/devenv/container-start", CONTAINER_START, 0o755),
)
"""Files of every box."""

SETUP = """\
#!/bin/sh
# Runs outside the new root file system, which is $1.
set -eu
root=$1
chroot "$root" useradd --uid 1000 --user-group --create-home --shell /bin/bash --groups adm,sudo --password '*' vagrant
chroot "$root" systemctl enable --quiet systemd-networkd.service systemd-resolved.service devenv-host-keys.service
# they take dpkg's lock some minutes after boot, in the middle of somebody's provisioning
chroot "$root" systemctl mask --quiet apt-daily.timer apt-daily-upgrade.timer
chroot "$root" systemctl set-default --quiet multi-user.target
rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
rm -rf "$root"/run/* "$root"/var/log/journal
find "$root/usr/share/locale" -mindepth 1 -maxdepth 1 ! -name locale.alias -exec rm -rf {} +
"""
"""What turns Debian's packages and FILES into a guest; a hook of mmdebstrap."""

LAST = """\
#!/bin/sh
# Runs outside every root file system, which is $1, after all else.
set -eu
rm "$1/packages.txt"
# theirs as on any Debian, whether or not apt could change to that user in the folder of the build
chroot "$1" chown _apt:root /var/cache/apt/archives/partial /var/lib/apt/lists/partial
"""

GROW = """\
# systemd-repart: the root partition fills the disk, however large a machine's is made
[Partition]
Type=root
"""

FSTAB = "UUID=@UUID@ / ext4 errors=remount-ro,x-systemd.growfs 0 1\n"

DISK_SETUP = """\
#!/bin/sh
# Runs outside the root file system of a disk, which is $1.
set -eu
root=$1
chroot "$root" systemctl enable --quiet systemd-timesyncd.service serial-getty@ttyS0.service
# once, and not once for the kernel and once more for what came with it (see rootfs.py)
unset INITRD
chroot "$root" update-initramfs -c -k all
for image in "$root"/boot/initrd.img-*; do ln -sfn "boot/${image##*/}" "$root/initrd.img"; done
# what it looks after are LVM snapshots; it costs seconds at every boot of an emulated machine
chroot "$root" systemctl mask --quiet e2scrub_reap.service e2scrub_all.timer
rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
"""
"""What comes on top for a disk; a hook of mmdebstrap."""

GRUB_CFG = """\
# Written by devenv. Debian keeps /vmlinuz and /initrd.img pointing at the newest kernel.
set timeout=0
menuentry "Debian" {
    search --no-floppy --fs-uuid --set=root @UUID@
    linux /vmlinuz root=UUID=@UUID@ ro quiet console=tty0 console=ttyS0,115200
    initrd /initrd.img
}
"""


def disk_files(root_uuid: str) -> tuple[GuestFile, ...]:
    """Return the files a box with a disk has in addition."""
    return (
        GuestFile("/boot/grub/grub.cfg", GRUB_CFG.replace("@UUID@", root_uuid)),
        GuestFile("/etc/fstab", FSTAB.replace("@UUID@", root_uuid)),
        GuestFile("/etc/repart.d/50-root.conf", GROW),
    )
