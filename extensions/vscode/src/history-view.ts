/** The writes to a variable as a tree view: a click on one goes there. */
import type * as vscode from "vscode";

import {
  OWN_REQUESTS,
  type HistoryAnswer,
  type HistoryArguments,
  type HistoryRow,
} from "../../../src/streams/session/dap/own-requests.js";

type Api = Pick<typeof vscode, "EventEmitter" | "TreeItem" | "ThemeIcon">;

/** A write, or the offer of more. */
export type HistoryNode = HistoryRow | "more";

/** Asked for at a time. */
const ROWS_A_PAGE = 50;

interface Asked {
  readonly session: vscode.DebugSession;
  readonly expression: string;
  readonly frameId: number | undefined;
}

export class HistoryView implements vscode.TreeDataProvider<HistoryNode> {
  private readonly changed: vscode.EventEmitter<undefined>;
  readonly onDidChangeTreeData: vscode.Event<undefined>;
  private asked: Asked | undefined;
  private rows: readonly HistoryRow[] = [];
  private next: string | undefined;

  constructor(private readonly api: Api) {
    this.changed = new api.EventEmitter<undefined>();
    this.onDidChangeTreeData = this.changed.event;
  }

  /** Of an expression, in a call, before where the machine stands. */
  async show(session: vscode.DebugSession, expression: string, frameId: number | undefined): Promise<void> {
    this.asked = { session, expression, frameId };
    this.rows = [];
    this.next = undefined;
    await this.more();
  }

  async more(): Promise<void> {
    const { asked } = this;
    if (asked === undefined) return;
    const { session, expression, frameId } = asked;
    const wanted: HistoryArguments = {
      expression,
      count: ROWS_A_PAGE,
      ...(frameId !== undefined && { frameId }),
      ...(this.next !== undefined && { before: this.next }),
    };
    const answer = (await session.customRequest(OWN_REQUESTS.history, wanted)) as HistoryAnswer;
    // Another one may have been asked for meanwhile.
    if (this.asked !== asked) return;
    this.rows = [...this.rows, ...answer.rows];
    this.next = answer.next;
    this.changed.fire(undefined);
  }

  forget({ id }: vscode.DebugSession): void {
    if (this.asked?.session.id !== id) return;
    this.asked = undefined;
    this.rows = [];
    this.next = undefined;
    this.changed.fire(undefined);
  }

  getChildren(of?: HistoryNode): HistoryNode[] {
    if (of !== undefined) return [];
    return this.next === undefined ? [...this.rows] : [...this.rows, "more"];
  }

  getTreeItem(node: HistoryNode): vscode.TreeItem {
    if (node === "more") {
      const item = new this.api.TreeItem("more…");
      item.command = { command: "foldvm.moreHistory", title: "More of the history" };
      return item;
    }
    const { expression = "" } = this.asked ?? {};
    const item = new this.api.TreeItem(`${expression}${node.part ?? ""}: ${node.old} → ${node.new}`);
    const where = [node.function ?? (node.by === "device" ? "a device" : undefined), node.line];
    item.description = [...where, node.at].filter((word) => word !== undefined).join("  ");
    item.tooltip = `${node.at}: click to go there`;
    item.iconPath = new this.api.ThemeIcon(node.by === "device" ? "circuit-board" : "edit");
    item.command = { command: "foldvm.goToWrite", title: "Go to this write", arguments: [node] };
    return item;
  }
}

export const isWrite = (given: unknown): given is HistoryRow =>
  typeof given === "object" && given !== null && "at" in given && typeof given.at === "string";
