/** From where a page looks at a moment. */
import type { Inspected } from "../../src/machine/inspect.js";
import type { FrameReader } from "../../src/streams/past/names/name-source.js";
import type { Names } from "../../src/streams/past/names/names.js";

export interface Looking {
  readonly names: Names;
  /** As the hart sees it. */
  readonly at: Inspected;
  /** The moment that it is compared with. */
  readonly before: Inspected | undefined;
  /** The call whose variables are looked at. */
  readonly frame: FrameReader | undefined;
  /** What a question takes for a name is what it means there. */
  readonly isInnermost: boolean;
}
