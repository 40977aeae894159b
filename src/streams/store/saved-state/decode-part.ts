/** From a section's bytes to the plain data in it, checked by its codec. */
import { isLeft } from "fp-ts/lib/Either.js";
import type * as t from "io-ts";

import { canonicalValue, CanonicalError } from "../../../machine/canonical-value.js";
import type { Section } from "./sections.js";
import { StateError } from "./state-error.js";

/** @throws {StateError} */
export function decodePart<A>(codec: t.Type<A, unknown>, { name, raw }: Section): A {
  const decoded = codec.decode(plainValue(name, raw));
  if (isLeft(decoded)) {
    const field = decoded.left[0]?.context
      .map(({ key }) => key)
      .filter((key) => key !== "")
      .join(".");
    throw new StateError("INVALID", decoded.left[0]?.message ?? "it does not decode", {
      section: name,
      ...(field === undefined ? {} : { field }),
    });
  }
  return decoded.right;
}

function plainValue(section: string, raw: Uint8Array): unknown {
  try {
    return canonicalValue(raw);
  } catch (fault) {
    if (!(fault instanceof CanonicalError)) throw fault;
    throw new StateError("INVALID", fault.message, { section });
  }
}
