// BTF as Documentation/bpf/btf.rst describes it, record by record.

type Words = readonly number[];

/** Hands out ids as it is told of types; a module's go on behind its kernel's. */
export class BtfBytes {
  private readonly records: number[] = [];
  private strings = "\0";
  private readonly firstId: number;
  private readonly firstString: number;
  private count = 0;

  constructor(base?: BtfBytes) {
    this.firstId = base === undefined ? 1 : base.firstId + base.count;
    this.firstString = base === undefined ? 0 : base.firstString + base.strings.length;
    if (base !== undefined) this.strings = "";
  }

  /** `kind`: its number in btf.rst. */
  add(kind: number, name: string, sizeOrType: number, count = 0, flag = false, more: Words = []): number {
    const info = ((flag ? 1 : 0) << 31) | (kind << 24) | count;
    this.records.push(this.string(name), info >>> 0, sizeOrType, ...more);
    this.count += 1;
    return this.firstId + this.count - 1;
  }

  int(name: string, bytes: number, encoding = 0): number {
    return this.add(1, name, bytes, 0, false, [(encoding << 24) | (8 * bytes)]);
  }

  pointer(to: number): number {
    return this.add(2, "", to);
  }

  array(element: number, length: number): number {
    return this.add(3, "", 0, 0, false, [element, element, length]);
  }

  /** Members: name, type, offset in bytes. */
  struct(name: string, bytes: number, members: readonly (readonly [string, number, number])[]): number {
    const words = members.flatMap(([member, type, offset]) => [this.string(member), type, 8 * offset]);
    return this.add(4, name, bytes, members.length, false, words);
  }

  /** A function with its prototype. */
  func(name: string, result: number, parameters: readonly (readonly [string, number])[]): number {
    const words = parameters.flatMap(([parameter, type]) => [this.string(parameter), type]);
    return this.add(12, name, this.add(13, "", result, parameters.length, false, words));
  }

  string(text: string): number {
    if (text === "") return 0;
    this.strings += `${text}\0`;
    return this.firstString + this.strings.length - text.length - 1;
  }

  bytes(): Uint8Array {
    const strings = new TextEncoder().encode(this.strings === "" ? "\0" : this.strings);
    const types = 4 * this.records.length;
    const bytes = new Uint8Array(24 + types + strings.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 0xeb9f, true);
    view.setUint8(2, 1);
    [24, 0, types, types, strings.length].forEach((word, index) => {
      view.setUint32(4 + 4 * index, word, true);
    });
    this.records.forEach((word, index) => {
      view.setUint32(24 + 4 * index, word, true);
    });
    bytes.set(strings, 24 + types);
    return bytes;
  }
}
