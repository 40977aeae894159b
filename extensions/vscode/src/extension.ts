/** Where VS Code begins: it alone has the module `vscode`. */
import * as vscode from "vscode";

import { contribute } from "./contribute.js";

export const activate = (context: vscode.ExtensionContext): void => {
  contribute(vscode, context);
};
