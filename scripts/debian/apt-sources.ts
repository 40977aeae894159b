/** Reads the Debian mirrors that a machine's own apt sources name, in both of apt's formats (sources.list(5)). */

/** One archive: `uri` as apt takes it, `suites` and `components` as written. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/** The enabled binary sources of a one-line file, `deb [ options ] uri suite component...`. */
export const parseOneLineSources = (text: string): readonly AptSource[] =>
  text.split("\n").flatMap((line) => {
    const words = /^\s*deb\s+(?:\[[^\]]*\]\s*)?(.*)$/.exec(line.replace(/#.*/, ""))?.[1];
    const [uri, suite, ...components] = (words ?? "").split(/\s+/).filter((word) => word !== "");
    return uri === undefined || suite === undefined ? [] : [{ uri, suites: [suite], components }];
  });

/** The enabled binary sources of a deb822 file, stanzas of `Field: value` with continuation lines. */
export const parseDeb822Sources = (text: string): readonly AptSource[] =>
  withoutComments(text)
    .split(/\n(?:[ \t]*\n)+/)
    .flatMap((stanza) => {
      const field = fieldsOf(stanza);
      if (!field("types").includes("deb") || /^(no|false|0|off|disable|without)$/i.test(field("enabled")[0] ?? "yes"))
        return [];
      return field("uris").map((uri) => ({ uri, suites: field("suites"), components: field("components") }));
    });

/**
 * The archives that are likely a full Debian mirror, likeliest first. Who else has a `main` in a suite of that name is
 * told apart by the archive's signature when it is fetched.
 */
export const debianMirrors = (sources: readonly AptSource[], codename: string): readonly string[] => {
  const likely = sources
    .filter(({ uri }) => !uri.startsWith("cdrom:"))
    .filter(({ components }) => components.includes("main"))
    .filter(({ suites }) => suites.some((suite) => suite === codename || DEBIAN_SUITES.has(suite)))
    .map(({ uri }) => uri);
  const rank = (uri: string): number => (/\/debian\/?$/.test(uri) ? 0 : /debian/.test(uri) ? 1 : 2);
  return [...new Set(likely)].sort((a, b) => rank(a) - rank(b));
};

const DEBIAN_SUITES: ReadonlySet<string> = new Set(
  "oldoldstable oldstable stable testing unstable sid bullseye bookworm trixie forky".split(" "),
);

const withoutComments = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n");

const fieldsOf = (stanza: string): ((name: string) => readonly string[]) => {
  const fields = new Map<string, readonly string[]>();
  for (const line of stanza.replace(/\n[ \t]+/g, " ").split("\n")) {
    const [, name, value] = /^([^:\s]+)\s*:(.*)$/.exec(line) ?? [];
    if (name !== undefined)
      fields.set(
        name.toLowerCase(),
        (value ?? "").split(/\s+/).filter((word) => word !== ""),
      );
  }
  return (name) => fields.get(name) ?? [];
};
