/** An expression as it was written. Names have no meaning yet. */
export type Node =
  | { readonly kind: "number"; readonly value: bigint }
  /** `$a0`, without the $. */
  | { readonly kind: "register"; readonly name: string }
  /** As assemblers have them, with dots: `count.0`, but also `link.count`. */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "member"; readonly of: Node; readonly name: string; readonly isArrow: boolean }
  | { readonly kind: "index"; readonly of: Node; readonly index: Node }
  | { readonly kind: "unary"; readonly operator: "-" | "+" | "~" | "!"; readonly of: Node }
  | { readonly kind: "dereference"; readonly of: Node }
  | { readonly kind: "address"; readonly of: Node }
  | { readonly kind: "cast"; readonly type: NamedType; readonly of: Node }
  | { readonly kind: "binary"; readonly operator: string; readonly left: Node; readonly right: Node };

export interface NamedType {
  /** `unsigned int`, `struct task_struct`. */
  readonly words: readonly string[];
  /** How many * follow. */
  readonly pointers: number;
}

/** Whether it reads a register: such a value changes with nearly every instruction. */
export const hasRegister = (node: Node): boolean => {
  switch (node.kind) {
    case "register":
      return true;
    case "number":
    case "name":
      return false;
    case "index":
      return hasRegister(node.of) || hasRegister(node.index);
    case "binary":
      return hasRegister(node.left) || hasRegister(node.right);
    default:
      return hasRegister(node.of);
  }
};
