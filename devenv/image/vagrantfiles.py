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
    # the kernel knows virtual network cards only
    virtualbox.default_nic_type = "virtio"
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


OVF = """\
<?xml version="1.0" encoding="UTF-8"?>
<Envelope ovf:version="1.0" xml:lang="en-US" xmlns="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <References>
    <File ovf:id="file1" ovf:href="box-disk001.vmdk" ovf:size="@SIZE@"/>
  </References>
  <DiskSection>
    <Info>The disk</Info>
    <Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="@CAPACITY@"
      ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
  </DiskSection>
  <NetworkSection>
    <Info>The network</Info>
    <Network ovf:name="NAT"><Description>NAT</Description></Network>
  </NetworkSection>
  <VirtualSystem ovf:id="debian-@NUMBER@">
    <Info>A Debian machine</Info>
    <OperatingSystemSection ovf:id="96">
      <Info>The system</Info>
      <Description>Debian_64</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>The hardware</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>debian-@NUMBER@</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>virtualbox-2.2</vssd:VirtualSystemType>
      </System>
      <Item>
        <rasd:Caption>1 processor</rasd:Caption>
        <rasd:ElementName>1 processor</rasd:ElementName>
        <rasd:InstanceID>1</rasd:InstanceID>
        <rasd:ResourceType>3</rasd:ResourceType>
        <rasd:VirtualQuantity>1</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits>
        <rasd:Caption>1024 MB of memory</rasd:Caption>
        <rasd:ElementName>1024 MB of memory</rasd:ElementName>
        <rasd:InstanceID>2</rasd:InstanceID>
        <rasd:ResourceType>4</rasd:ResourceType>
        <rasd:VirtualQuantity>1024</rasd:VirtualQuantity>
      </Item>
      <Item>
        <rasd:Address>0</rasd:Address>
        <rasd:Caption>ideController0</rasd:Caption>
        <rasd:ElementName>ideController0</rasd:ElementName>
        <rasd:InstanceID>3</rasd:InstanceID>
        <rasd:ResourceSubType>PIIX4</rasd:ResourceSubType>
        <rasd:ResourceType>5</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AddressOnParent>0</rasd:AddressOnParent>
        <rasd:Caption>disk1</rasd:Caption>
        <rasd:ElementName>disk1</rasd:ElementName>
        <rasd:HostResource>/disk/disk1</rasd:HostResource>
        <rasd:InstanceID>4</rasd:InstanceID>
        <rasd:Parent>3</rasd:Parent>
        <rasd:ResourceType>17</rasd:ResourceType>
      </Item>
      <Item>
        <rasd:AutomaticAllocation>true</rasd:AutomaticAllocation>
        <rasd:Caption>Ethernet adapter on NAT</rasd:Caption>
        <rasd:Connection>NAT</rasd:Connection>
        <rasd:ElementName>Ethernet adapter on NAT</rasd:ElementName>
        <rasd:InstanceID>5</rasd:InstanceID>
        <rasd:ResourceSubType>E1000</rasd:ResourceSubType>
        <rasd:ResourceType>10</rasd:ResourceType>
      </Item>
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
"""


def ovf(number: int, disk_size: int) -> str:
    """Return the description of a VirtualBox machine of Debian release number; disk_size: the VMDK file's, in bytes."""
    return _fill(OVF, NUMBER=str(number), SIZE=str(disk_size), CAPACITY=str(recipe.DISK_SIZE))


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
