"""The small texts inside a box: its own Vagrantfile, Dockerfile, metadata and machine description.

Only names and numbers this package makes itself are put into them, never a value from a user.
"""

import json

from devenv.image import recipe

_HEAD = """\
# Written by devenv when it built this box.
Vagrant.configure("2") do |config|
  config.vm.box_check_update = false
  config.ssh.username = "vagrant"
  # the key of the person who built the box: the box is theirs alone and must not be published
  config.ssh.private_key_path = File.expand_path("box_key", __dir__)
  config.ssh.insert_key = false
"""

_DOCKER = """\
  config.vm.provider "docker" do |docker|
    image = "@TAG@"
    label = '{{index .Config.Labels "devenv.rootfs"}}'
    # a name alone does not say what is behind it: the label does
    found = begin
      IO.popen(["docker", "image", "inspect", "--format", label, image, err: File::NULL], &:read).strip
    rescue SystemCallError
      ""
    end
    if found == "@ROOTFS@"
      docker.image = image
    else
      docker.build_dir = __dir__
    end
    docker.has_ssh = true
    docker.remains_running = true
    docker.create_args = ["--init", "--tmpfs", "/run:exec,mode=755"]
    # seconds the machine has to stop its services
    docker.stop_timeout = 10
  end
"""

_LIBVIRT = """\
  config.vm.provider "libvirt" do |libvirt|
    libvirt.disk_bus = "virtio"
  end
"""

_VIRTUALBOX = """\
  # there are no guest additions in the box
  config.vm.synced_folder ".", "/vagrant", type: "rsync"
  config.vm.provider "virtualbox" do |virtualbox|
    virtualbox.check_guest_additions = false
    virtualbox.functional_vboxsf = false
  end
"""

DOCKERFILE = """\
FROM scratch
ADD rootfs.tar.gz /
LABEL devenv.rootfs="@ROOTFS@"
ENV LANG=C.UTF-8
EXPOSE 22
CMD ["/usr/lib/devenv/container-start"]
"""

DOCKERIGNORE = "*\n!rootfs.tar.gz\n!Dockerfile\n"
"""The private key beside them is nobody's business, not even docker's."""

LXC_CONFIG = """\
lxc.include = /usr/share/lxc/config/common.conf
lxc.apparmor.profile = unconfined
lxc.arch = x86_64
"""


def docker(tag: str, rootfs_sha256: str) -> str:
    """Return the Vagrantfile of a docker box: the image called tag if it is the right one, else build it."""
    return _HEAD + _fill(_DOCKER, TAG=tag, ROOTFS=rootfs_sha256) + "end\n"


def dockerfile(rootfs_sha256: str) -> str:
    """Return the Dockerfile of a docker box."""
    return _fill(DOCKERFILE, ROOTFS=rootfs_sha256)


def libvirt() -> str:
    """Return the Vagrantfile of a libvirt box."""
    return _HEAD + _LIBVIRT + "end\n"


def lxc() -> str:
    """Return the Vagrantfile of an lxc box."""
    return _HEAD + "end\n"


def virtualbox() -> str:
    """Return the Vagrantfile of a virtualbox box."""
    return _HEAD + _VIRTUALBOX + "end\n"


def metadata(provider: str) -> str:
    """Return a box's metadata.json."""
    data: dict[str, object] = {"provider": provider}
    if provider == "libvirt":
        data |= {"format": "qcow2", "virtual_size": recipe.DISK_SIZE >> 30}
    if provider == "lxc":
        data |= {"version": "1.0.0"}
    return json.dumps(data) + "\n"


def _fill(template: str, **values: str) -> str:
    for name, value in values.items():
        template = template.replace(f"@{name}@", value)
    return template
