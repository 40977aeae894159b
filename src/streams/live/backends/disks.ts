/**
 * Answers the disks' requests: fetches what is to be read from the image. What is written stays in the machine's state.
 */
import { disksBySlot } from "../../../options/parts.js";
import { catchError, filter, from, groupBy, map, mergeMap, of, type Observable } from "rxjs";

import { check } from "../../../options/check.js";
import { call, exactly, maybe } from "../../../options/codecs.js";
import { MAX_IN_FLIGHT } from "../../../reducers/virtio/blk.js";
import { DiskReadError } from "../../../machine/disk/disk-image.js";
import type { DiskRequested } from "../../../reducers/effect.js";
import type { EventOf } from "../../../reducers/events.js";
import { answering, unanswered } from "../answers.js";
import type { Backend } from "../backend.js";
import type { HostDisk } from "../../store/host-disk.js";
import { mergeLast } from "./merge-last.js";

export interface DisksOptions {
  /** Hears of reads that the host failed; the guest is told by VIRTIO_BLK_S_IOERR. */
  readonly onFault?: ((fault: DiskReadError) => void) | undefined;
}

const DISKS = exactly<{ readonly bySlot: unknown }>({ bySlot: disksBySlot("prepare") });

/** By virtio slot: `disks` of `openMachine`. */
export const disks = (bySlot: ReadonlyMap<number, HostDisk>, options: DisksOptions = {}): Backend => {
  check("disks", DISKS, { bySlot });
  check("disks", exactly<DisksOptions>({ onFault: maybe(call) }), options);
  const { onFault } = options;
  return answering(["disk/requested"], (effects$) =>
    effects$.pipe(
      filter((effect) => effect.type === "disk/requested"),
      groupBy(({ slot }) => slot),
      // In whatever order the host is done with them. A device asks for so many at most: what it asked for before them,
      // a reset has dropped.
      mergeMap((requests$) =>
        requests$.pipe(mergeLast(MAX_IN_FLIGHT, (request) => answer(bySlot.get(request.slot), request, onFault))),
      ),
    ),
  );
};

const answer = (
  disk: HostDisk | undefined,
  request: DiskRequested,
  onFault: DisksOptions["onFault"],
): Observable<EventOf<"virtioBlk/requestCompleted">> => {
  if (disk === undefined) throw unanswered(request);
  const { slot, id, operation, offset, length } = request;
  const completed = (status: number) => ({ type: "virtioBlk/requestCompleted", slot, id, status }) as const;
  const waiting = operation === "read" ? disk.prepare(offset, length) : undefined;
  if (waiting === undefined) return of(completed(OK));
  return from(waiting).pipe(
    map(() => completed(OK)),
    catchError((fault: unknown) => {
      if (!(fault instanceof DiskReadError)) throw fault;
      onFault?.(fault);
      return of(completed(IO_ERROR));
    }),
  );
};

/** VIRTIO_BLK_S_*. */
const OK = 0;
const IO_ERROR = 1;
