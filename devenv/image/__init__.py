"""Base boxes from Debian's packages.

::

    suites     which boxes there are: names, suites, providers
    build      build(BuildRequest, …) -> [BuiltBox]: the only way in for building
    installed  what Vagrant has, its checksums, verify()
    prune      what may go

    archive    package lists, and the version that follows from their date
    recipe     packages, guest: files: what is in a box
    rootfs     mmdebstrap            tarball    tar archives with settled bytes
    disk       partition table, ext4, GRUB, qcow2, VMDK
    boxfile    a provider's files -> a .box  (vagrantfiles: the small texts in it)
    publish    a .box -> Vagrant and docker
    key        the ssh key of this user's boxes
    workspace  the cache, its lock and work folders

Building needs Linux; everything can be imported anywhere.
"""
