/** The command that is the debug adapter: `foldvm dap`. */
import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

import type * as vscode from "vscode";

type Api = Pick<typeof vscode, "workspace" | "DebugAdapterExecutable">;

export const adapterFactory = (api: Api): vscode.DebugAdapterDescriptorFactory => ({
  createDebugAdapterDescriptor: ({ workspaceFolder }) =>
    new api.DebugAdapterExecutable(
      foldvmCommand(
        api.workspace.getConfiguration("foldvm", workspaceFolder?.uri).get<string>("path", ""),
        (api.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
        process.env["PATH"] ?? "",
      ),
      ["dap"],
    ),
});

/** The one that is set, that of a workspace, or one on the PATH. @throws where there is none, with what to do */
export function foldvmCommand(set: string, folders: readonly string[], path: string): string {
  if (set !== "") {
    const found = placesOf(set, folders).find((place) => existsSync(place));
    if (found !== undefined) return found;
    throw new Error(`foldvm.path is ${set}, and there is no such file: change the setting, or leave it empty`);
  }
  const places = [
    ...folders.map((folder) => join(folder, "node_modules/.bin/foldvm")),
    ...path.split(delimiter).map((folder) => join(folder, "foldvm")),
  ];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error(
    "The foldvm command is not on the PATH: install it with npm install --global foldvm, or say in the setting foldvm.path where it is",
  );
}

/** An editor leaves a setting as it is: what is relative begins in a workspace's folder. */
function placesOf(set: string, folders: readonly string[]): readonly string[] {
  const path = set.replace(/^\$\{workspaceFolder\}[/\\]?/, "");
  return isAbsolute(path) ? [path] : folders.map((folder) => join(folder, path));
}
