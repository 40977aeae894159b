/** Devices of QEMU's that this machine does not have, and what to do instead. */

/** Undefined: QEMU has no such device either, or none that its RISC-V users name. */
export const absentDevice = (driver: string): string | undefined =>
  ABSENT.find(({ drivers }) => drivers.test(driver))?.remedy;

const ABSENT: readonly { readonly drivers: RegExp; readonly remedy: string }[] = [
  { drivers: /^virtserialport$/, remedy: "a virtio-serial-device has one port here, a console: use virtconsole" },
  {
    drivers: /^(loader|guest-loader)$/,
    remedy: "there is no loader device: give the file with --kernel, --initrd or --bios",
  },
  {
    drivers: /^(virtio-scsi|scsi-|ide-|nvme|ahci|ich9-ahci|sd-card|usb-storage|vhost-user-blk|vhost-scsi)/,
    remedy: "the machine has no such controller: leave it out, and use virtio-blk-device for its disks",
  },
  {
    drivers: /^(e1000|rtl8139|igb|vmxnet|usb-net|ne2k|pcnet|tulip)/,
    remedy: "the machine has no such network card: use virtio-net-device",
  },
  {
    drivers: /^(virtio-(gpu|vga)|VGA|vga|bochs-display|ramfb|secondary-vga|cirrus|qxl|ati-)/,
    remedy: "the machine has no screen; leave it out",
  },
  {
    drivers: /^(virtio-(keyboard|mouse|tablet|input|multitouch)|vhost-user-input)/,
    remedy: "the machine has no keyboard or pointer but its consoles; leave it out",
  },
  {
    drivers: /^(virtio-9p|virtio-fs|vhost-user-fs)/,
    remedy: "there is no file sharing: leave it out, and put the files on a disk",
  },
  { drivers: /^(usb-|.*-?(xhci|ehci|uhci|ohci))/, remedy: "the machine has no USB; leave it out" },
  {
    drivers: /^(virtio-sound|.*hda|AC97|ac97|intel-hda|es1370|sb16)/,
    remedy: "the machine has no sound; leave it out",
  },
  { drivers: /^(pcie?-|i82801|ioh3420|x3130|xio3130|vfio-)/, remedy: "the machine has no PCI; leave it out" },
  {
    drivers: /^(virtio-|vhost-|riscv-|i6300esb|pvpanic|ivshmem|tpm-|nvdimm|pc-dimm|at24c|ds1338|tmp105|ipmi|edu$)/,
    remedy: "the machine has no such device; leave it out",
  },
];
