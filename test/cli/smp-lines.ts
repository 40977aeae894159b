/** Values of -smp: those that QEMU 7.2 takes for `virt`, with the harts that they make, and those that it refuses. */

export const TAKEN: readonly (readonly [value: string, harts: number])[] = [
  ["4", 4],
  ["cpus=3", 3],
  ["maxcpus=2", 2],
  ["sockets=2", 2],
  ["sockets=2,cores=2", 4],
  ["sockets=2,cores=2,threads=2", 8],
  ["4,sockets=2", 4],
  ["4,cores=2", 4],
  ["4,threads=2", 4],
  ["4,sockets=4,threads=1", 4],
  ["maxcpus=4,sockets=2", 4],
  ["cores=2,maxcpus=2", 2],
  ["2,dies=1,clusters=1", 2],
  ["2,cores=1,threads=1", 2],
];

export const REFUSED: readonly (readonly [value: string, message: RegExp])[] = [
  ["2,sockets=2,cores=2", /2 sockets \* 2 cores can't be the places of 2 harts; use --smp 2/],
  ["3,sockets=2", /2 sockets can't be the places of 3 harts/],
  ["2,cores=3", /3 cores can't be the places of 2 harts/],
  ["2,sockets=1,cores=1,threads=1", /1 sockets \* 1 cores \* 1 threads can't be/],
  ["1,dies=2", /no dies; use sockets, cores, threads, or leave it out/],
  ["2,clusters=2", /no clusters; use/],
  ["2,maxcpus=1", /maxcpus=1 is less than its 2 harts/],
  ["2,books=1", /books=: there is no such option; use cpus=N, maxcpus=N, sockets=N, cores=N, threads=N/],
];

/** QEMU takes them still; here they are refused. */
export const REFUSED_HERE: readonly (readonly [value: string, message: RegExp])[] = [
  ["2,sockets=0", /--smp sockets=0: give 1 or more/],
  ["2,maxcpus=4", /no hart can be plugged in later; use maxcpus=2/],
  ["9", /smp 9: use 1 to 8 harts/],
];
