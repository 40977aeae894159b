/** Where members lie within structures, as a kernel's BTF tells; so no layout is written down here. */
import type { Member, Type } from "../type.js";
import type { BtfTypes } from "./btf-types.js";

export class StructLayout {
  private readonly known = new Map<string, number | undefined>();

  constructor(private readonly types: BtfTypes) {}

  /**
   * In bytes; `path` is as C has it: `thread_info.cpu`. Undefined: the structure has no such member. Several names: the
   * first that there is, since members are renamed from one version to the next.
   */
  offset(structure: string, ...paths: readonly string[]): number | undefined {
    for (const path of paths) {
      const key = `${structure}.${path}`;
      if (!this.known.has(key)) this.known.set(key, this.search(structure, path.split(".")));
      const offset = this.known.get(key);
      if (offset !== undefined) return offset;
    }
    return undefined;
  }

  /** The size of a structure; undefined: there is no such one. */
  bytes(structure: string): number | undefined {
    const type = this.types.named(`struct ${structure}`);
    return type?.kind === "structure" ? type.bytes : undefined;
  }

  /** The number of elements of a member that is an array; undefined: it is none. */
  lengthOf(structure: string, member: string): number | undefined {
    const found = memberOf(this.types.named(`struct ${structure}`), member);
    const type = found === undefined ? undefined : withoutAliases(found.member.type());
    return type?.kind === "array" ? type.length : undefined;
  }

  private search(structure: string, path: readonly string[]): number | undefined {
    let type: Type | undefined = this.types.named(`struct ${structure}`);
    let offsetBits = 0;
    for (const name of path) {
      const found = memberOf(type, name);
      if (found === undefined) return undefined;
      offsetBits += found.offsetBits;
      type = found.member.type();
    }
    return offsetBits / 8;
  }
}

interface Found {
  readonly member: Member;
  readonly offsetBits: number;
}

/** Also within members that have no name. */
function memberOf(type: Type | undefined, name: string): Found | undefined {
  const structure = type === undefined ? undefined : withoutAliases(type);
  if (structure?.kind !== "structure" && structure?.kind !== "union") return undefined;
  const members = structure.members();
  const own = members.find((member) => member.name === name);
  if (own !== undefined) return { member: own, offsetBits: own.offsetBits };
  for (const member of members.filter((candidate) => candidate.name === "")) {
    const found = memberOf(member.type(), name);
    if (found !== undefined) return { member: found.member, offsetBits: member.offsetBits + found.offsetBits };
  }
  return undefined;
}

/** BTF's aliases come to an end: see `btf-nesting.ts`. */
export function withoutAliases(type: Type): Type {
  let bare = type;
  while (bare.kind === "alias") bare = bare.target();
  return bare;
}
