/** --object: what QEMU's virtio-rng-device takes its bytes from. Here it is always the host's entropy, recorded. */
import { KeyValues } from "./key-values.js";
import { readEach, UsageError } from "./problems.js";

/** Their ids. @throws {UsageError} */
export const randomSources = (texts: readonly string[]): ReadonlySet<string> =>
  new Set(
    readEach(texts, (text) => {
      const values = new KeyValues("--object", text, "qom-type");
      const id = values.one("id");
      if (values.word !== "rng-random" && values.word !== "rng-builtin")
        throw new UsageError(`--object ${values.word}: of these only rng-random and rng-builtin; leave it out`);
      if (id === undefined) throw new UsageError(`--object ${text}: id= is missing, by which --device names it`);
      values.choice("filename", ["/dev/urandom", "/dev/random"]);
      values.finish("use id= and filename=/dev/urandom");
      return id;
    }),
  );
