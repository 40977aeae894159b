/** The device tree that an opened machine finds at its reset. */
import { deviceTreeBlob } from "../../machine/initial-state.js";
import type { OpenedMachine } from "./machine-options.js";

/** As a blob (Devicetree Specification, chapter 5). A machine of a saved state found it when it was reset. */
export const deviceTreeOf = ({ machine, images }: Pick<OpenedMachine, "machine" | "images">): Uint8Array =>
  deviceTreeBlob(machine.state().config, images);
