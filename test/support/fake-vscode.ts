/** As much of VS Code as the extension uses: what it registers, and what a person answers. */
import type * as vscode from "vscode";

export interface Asked {
  readonly request: string;
  readonly given: unknown;
}

export class FakeVscode {
  readonly commands = new Map<string, (...given: readonly unknown[]) => unknown>();
  readonly views = new Map<string, vscode.TreeDataProvider<unknown>>();
  readonly asked: Asked[] = [];
  readonly shown: string[] = [];
  readonly settings = new Map<string, string>();
  factory: vscode.DebugAdapterDescriptorFactory | undefined;
  configurations: vscode.DebugConfigurationProvider | undefined;
  terminated: (session: vscode.DebugSession) => void = () => undefined;
  /** What a person types, or chooses. */
  typed: string | undefined;
  choose: (items: readonly { readonly label: string }[]) => unknown = () => undefined;
  /** What the adapter answers. */
  answer: (request: string, given: unknown) => unknown = () => ({});
  stackItem: unknown;
  readonly session = {
    id: "one",
    type: "foldvm",
    customRequest: async (request: string, given: unknown) => {
      this.asked.push({ request, given });
      return this.answer(request, given);
    },
  };
  hasSession = true;

  /** The module. */
  get api(): typeof vscode {
    return {
      debug: this.debug(),
      window: this.window(),
      commands: {
        registerCommand: (name: string, run: (...given: readonly unknown[]) => unknown) => {
          this.commands.set(name, run);
          return disposable();
        },
      },
      workspace: {
        workspaceFolders: [],
        getConfiguration: () => ({ get: (name: string, otherwise: string) => this.settings.get(name) ?? otherwise }),
      },
      DebugAdapterExecutable: class {
        constructor(
          readonly command: string,
          readonly args: readonly string[],
        ) {}
      },
      TreeItem: class {
        constructor(readonly label: string) {}
      },
      ThemeIcon: class {
        constructor(readonly id: string) {}
      },
      EventEmitter: FakeEmitter,
    } as unknown as typeof vscode;
  }

  run(command: string, ...given: readonly unknown[]): Promise<unknown> {
    return Promise.resolve(this.commands.get(command)?.(...given));
  }

  private debug(): object {
    const session = (): unknown => (this.hasSession ? this.session : undefined);
    const item = (): unknown => this.stackItem;
    return {
      get activeDebugSession() {
        return session();
      },
      get activeStackItem() {
        return item();
      },
      registerDebugAdapterDescriptorFactory: (_type: string, factory: vscode.DebugAdapterDescriptorFactory) => {
        this.factory = factory;
        return disposable();
      },
      registerDebugConfigurationProvider: (_type: string, provider: vscode.DebugConfigurationProvider) => {
        this.configurations = provider;
        return disposable();
      },
      onDidTerminateDebugSession: (heard: (session: vscode.DebugSession) => void) => {
        this.terminated = heard;
        return disposable();
      },
    };
  }

  private window(): object {
    return {
      registerTreeDataProvider: (id: string, provider: vscode.TreeDataProvider<unknown>) => {
        this.views.set(id, provider);
        return disposable();
      },
      showInputBox: async () => this.typed,
      showQuickPick: async (items: readonly { readonly label: string }[]) => this.choose(items),
      showInformationMessage: async (text: string) => {
        this.shown.push(text);
      },
      showOpenDialog: async () => (this.typed === undefined ? undefined : [{ fsPath: this.typed }]),
    };
  }
}

const disposable = (): vscode.Disposable => ({ dispose: () => undefined });

class FakeEmitter {
  private readonly heard: ((given: unknown) => void)[] = [];

  readonly event = (listener: (given: unknown) => void): vscode.Disposable => {
    this.heard.push(listener);
    return disposable();
  };

  fire(given: unknown): void {
    for (const listener of this.heard) listener(given);
  }
}
