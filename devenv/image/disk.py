TOOLS = ("mke2fs", "debugfs", "grub-mkimage", "qemu-img", "sfdisk")
def boxes(*a): raise NotImplementedError
