/** What an answer should be, a line a row. */

/** Nobody asks for more of a long recording: a loop is gone through millions of times. */
const MOST = 50_000;

export class Lines {
  private readonly all: string[] = [];
  private count = 0;

  add(...lines: readonly string[]): void {
    this.count += lines.length;
    if (this.count <= MOST) this.all.push(...lines);
  }

  get areTooMany(): boolean {
    return this.count > MOST;
  }

  toArray(): readonly string[] {
    return this.all;
  }
}
