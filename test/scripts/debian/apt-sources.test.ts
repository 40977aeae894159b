/** The mirror is read from either format of apt's sources, as sources.list(5) writes them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { debianMirrors, parseDeb822Sources, parseOneLineSources } from "../../../scripts/debian/apt-sources.js";

test("given a one-line file, when it is parsed, then comments, deb-src and options are told apart", () => {
  const text = [
    "# deb http://commented.example/debian bookworm main",
    "deb [arch=amd64 signed-by=/some/key.gpg] http://mirror.example/debian bookworm main contrib # note",
    "deb-src http://mirror.example/debian bookworm main",
    "deb http://flat.example/ ./",
    "",
  ].join("\n");
  assert.equal(parseOneLineSources(text), [
    { uri: "http://mirror.example/debian", suites: ["bookworm"], components: ["main", "contrib"] },
    { uri: "http://flat.example/", suites: ["./"], components: [] },
  ]);
});

test("given a deb822 file, when it is parsed, then each stanza's URIs are sources unless it is off", () => {
  const text = `Types: deb deb-src
# a comment inside
URIs: http://one.example/debian
 http://two.example/debian
Suites: bookworm bookworm-updates
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://sources.example/debian
Suites: bookworm
Components: main
`;
  const suites = ["bookworm", "bookworm-updates"];
  assert.equal(parseDeb822Sources(text), [
    { uri: "http://one.example/debian", suites, components: ["main"] },
    { uri: "http://two.example/debian", suites, components: ["main"] },
  ]);
});

test("given third parties and security archives, when a mirror is chosen, then only Debian's own are left, likeliest first", () => {
  const source = (uri: string, suite: string, component = "main") => ({
    uri,
    suites: [suite],
    components: [component],
  });
  const sources = [
    source("https://third.example/chrome/deb", "stable"),
    source("https://third.example/tool/linux/debian", "bookworm", "stable"),
    source("https://third.example/apt", "nodistro"),
    source("http://mirror.example/debian-security", "bookworm-security"),
    source("cdrom:[Debian]/", "bookworm"),
    source("http://mirror.example/debian", "bookworm"),
  ];
  assert.equal(debianMirrors(sources, "bookworm"), [
    "http://mirror.example/debian",
    "https://third.example/chrome/deb",
  ]);
});

test.run();
