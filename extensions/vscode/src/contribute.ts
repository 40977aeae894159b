/** All that the extension adds to an editor. */
import type * as vscode from "vscode";

import {
  OWN_REQUESTS,
  type GoToArguments,
  type OutputsAnswer,
  type OutputsArguments,
} from "../../../src/streams/session/dap/own-requests.js";
import { adapterFactory } from "./adapter.js";
import { DEBUG_TYPE } from "./debug-type.js";
import { HistoryView, isWrite } from "./history-view.js";
import { activeFrame, activeSession, activeThread } from "./session.js";

type Api = typeof vscode;

export function contribute(api: Api, { subscriptions }: Pick<vscode.ExtensionContext, "subscriptions">): void {
  const history = new HistoryView(api);
  subscriptions.push(
    api.debug.registerDebugAdapterDescriptorFactory(DEBUG_TYPE, adapterFactory(api)),
    api.debug.registerDebugConfigurationProvider(DEBUG_TYPE, { resolveDebugConfiguration }),
    api.debug.onDidTerminateDebugSession((session) => {
      history.forget(session);
    }),
    api.window.registerTreeDataProvider("foldvm.history", history),
  );
  for (const [command, run] of Object.entries(commandsOf(api, history))) {
    subscriptions.push(api.commands.registerCommand(`foldvm.${command}`, run));
  }
}

/** Of the lines that one is chosen of: the first ones. */
const MAX_LINES = 10_000;

type Command = (...given: readonly unknown[]) => Promise<unknown>;

/** By their names in package.json, without `foldvm.`. */
function commandsOf(api: Api, history: HistoryView): Readonly<Record<string, Command>> {
  const moved = (request: string): Command => {
    return async () => {
      await activeSession(api).customRequest(request, { threadId: activeThread(api) });
    };
  };
  const goTo = async (to: string | undefined): Promise<void> => {
    if (to === undefined || to === "") return;
    const place: GoToArguments = { to };
    await activeSession(api).customRequest(OWN_REQUESTS.goTo, place);
  };
  return {
    stepBackOver: moved(OWN_REQUESTS.stepBackOver),
    stepBackInto: moved(OWN_REQUESTS.stepBackInto),
    stepBackOut: moved(OWN_REQUESTS.stepBackOut),
    reverse: moved("reverseContinue"),
    goTo: async () =>
      goTo(
        await api.window.showInputBox({
          title: "Go to a moment",
          prompt: "An instruction count, SEQ@ICOUNT, start, end, a time such as 1.5s, or /TEXT/ that was printed",
        }),
      ),
    goToOutput: async () => {
      const all: OutputsArguments = { count: MAX_LINES };
      const answer = (await activeSession(api).customRequest(OWN_REQUESTS.outputs, all)) as OutputsAnswer;
      const printed = answer.rows.map(({ text, at }) => ({ label: text, description: at, at }));
      const title = printed.length === 0 ? "Nothing was printed" : "Go to when this was printed";
      const chosen = await api.window.showQuickPick(printed, { title, matchOnDescription: true });
      await goTo(chosen?.at);
    },
    history: async (given) => {
      const expression = expressionOf(given);
      if (expression === undefined) {
        await api.window.showInformationMessage("This is no variable that can be asked about: try one of its parts");
        return;
      }
      await history.show(activeSession(api), expression, activeFrame(api));
    },
    historyOf: async () => {
      const expression = await api.window.showInputBox({ title: "History of", prompt: "Such as link.count or buf[3]" });
      if (expression !== undefined && expression !== "") {
        await history.show(activeSession(api), expression, activeFrame(api));
      }
    },
    moreHistory: () => history.more(),
    goToWrite: async (given) => {
      if (isWrite(given)) await goTo(given.at);
    },
    askForRecording: async () => {
      const [chosen] =
        (await api.window.showOpenDialog({
          title: "A recording",
          filters: { Recordings: ["fold"], "All files": ["*"] },
        })) ?? [];
      return chosen?.fsPath;
    },
  };
}

/** What the context menu of a variable hands over. */
function expressionOf(given: unknown): string | undefined {
  const { variable } = (given ?? {}) as { readonly variable?: { readonly evaluateName?: unknown } };
  return typeof variable?.evaluateName === "string" ? variable.evaluateName : undefined;
}

/** Without a launch.json, a recording is asked for. */
const resolveDebugConfiguration = (
  _folder: vscode.WorkspaceFolder | undefined,
  config: vscode.DebugConfiguration,
): vscode.DebugConfiguration =>
  // What the editor gives has neither then.
  (config.type as string | undefined) === undefined || config.type === ""
    ? {
        type: DEBUG_TYPE,
        request: "attach",
        name: "Debug a recording",
        recording: "${command:AskForRecording}",
        at: "end",
      }
    : config;
