/** The disks of a machine, by the virtio slot of their devices. */
import { Disk } from "./disk.js";
import type { DiskImage } from "./disk-image.js";
import type { DiskState } from "./disk-state.js";

export class Disks {
  private readonly bySlot: ReadonlyMap<number, Disk>;

  constructor(images: ReadonlyMap<number, DiskImage>, initial: readonly DiskState[]) {
    this.bySlot = new Map(
      initial.map((state) => {
        const image = images.get(state.slot);
        if (image === undefined) throw new Error(`no image for the disk in slot ${String(state.slot)}`);
        return [state.slot, new Disk(image, state)];
      }),
    );
  }

  at(slot: number): Disk | undefined {
    return this.bySlot.get(slot);
  }

  states(): readonly DiskState[] {
    return [...this.bySlot.values()].map(({ state }) => state);
  }

  load(states: readonly DiskState[]): void {
    for (const state of states) {
      const disk = this.bySlot.get(state.slot);
      if (disk === undefined) throw new Error(`there is no disk in slot ${String(state.slot)}`);
      disk.state = state;
    }
  }
}
