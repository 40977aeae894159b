// Packs the extension for VS Code: extensions/vscode/foldvm-debug-VERSION.vsix. It is a zip of the extension's folder
// with a manifest and the types of its files beside it, as vsce makes it.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import { strToU8, zipSync } from "fflate";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "extensions/vscode");

interface Manifest {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly publisher: string;
  readonly version: string;
  readonly categories: readonly string[];
  readonly keywords: readonly string[];
  readonly engines: { readonly vscode: string };
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".json": "application/json",
  ".cjs": "application/javascript",
  ".md": "text/markdown",
  ".txt": "text/plain",
  ".vsixmanifest": "text/xml",
};

/** By their paths in the zip. */
export async function extensionFiles(): Promise<Readonly<Record<string, Uint8Array>>> {
  const text = readFileSync(join(folder, "package.json"), "utf8");
  const files = {
    "extension.vsixmanifest": strToU8(manifestXml(JSON.parse(text) as Manifest)),
    "extension/package.json": strToU8(text),
    "extension/readme.md": readFileSync(join(folder, "README.md")),
    "extension/LICENSE.txt": readFileSync(join(root, "LICENSE")),
    "extension/dist/extension.cjs": await bundle(),
  };
  return { "[Content_Types].xml": strToU8(contentTypesXml(Object.keys(files))), ...files };
}

/** In one file: an editor loads it at once, and nothing is installed with it. */
async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ["src/extension.ts"],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "node20",
    external: ["vscode"],
    logLevel: "warning",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild made nothing of the extension");
  return file.contents;
}

function contentTypesXml(paths: readonly string[]): string {
  const extensions = [...new Set(paths.map((path) => extname(path)))];
  const rows = extensions.map((extension) => {
    const type = MEDIA_TYPES[extension];
    if (type === undefined) throw new Error(`${extension} has no media type in scripts/extension.ts`);
    return `<Default Extension="${extension}" ContentType="${type}"/>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${rows.join("")}</Types>
`;
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (letter) => `&#${String(letter.charCodeAt(0))};`);

function manifestXml(manifest: Manifest): string {
  const { name, displayName, description, publisher, version, categories, keywords, engines } = manifest;
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="${escaped(name)}" Version="${escaped(version)}" Publisher="${escaped(publisher)}"/>
    <DisplayName>${escaped(displayName)}</DisplayName>
    <Description xml:space="preserve">${escaped(description)}</Description>
    <Tags>${escaped(["debuggers", ...keywords].join(","))}</Tags>
    <Categories>${escaped(categories.join(","))}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="${escaped(engines.vscode)}"/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionDependencies" Value=""/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionPack" Value=""/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
      <Property Id="Microsoft.VisualStudio.Code.ExecutesCode" Value="true"/>
    </Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/readme.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const path = join(folder, `${name}-${version}.vsix`);
  // The same sources give the same bytes.
  writeFileSync(path, zipSync(await extensionFiles(), { mtime: "2000-01-01T00:00:00Z" }));
  process.stdout.write(`${path}: code --install-extension installs it\n`);
}
