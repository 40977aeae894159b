// Whatever a signature of the library mentions has a name there: a program can say the type of what it is given or
// gives.
import { dirname, resolve } from "node:path";
import ts from "typescript";
import { test } from "uvu";
import * as assert from "uvu/assert";

const ENTRY = resolve("src/index.ts");

/** What a caller does not see: bodies, initial values, private members. */
const isHidden = (node: ts.Node): boolean =>
  ts.isBlock(node) ||
  (ts.canHaveModifiers(node) &&
    ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true);

test("given all that the library exports, when a signature mentions a type of ours, then that is exported too", () => {
  const { config } = ts.readConfigFile("tsconfig.json", (path) => ts.sys.readFile(path)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [ENTRY], include: ["types"] }, ts.sys, ".");
  const program = ts.createProgram([ENTRY, resolve("types/webassembly.d.ts")], options);
  const checker = program.getTypeChecker();
  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const entry = program.getSourceFile(ENTRY);
  const entrySymbol = entry && checker.getSymbolAtLocation(entry);
  assert.ok(entrySymbol);
  const exported = new Set(checker.getExportsOfModule(entrySymbol).map(resolved));

  const missing = new Set<string>();
  const mention = (name: ts.Node, by: ts.Symbol): void => {
    const found = checker.getSymbolAtLocation(name);
    if (found === undefined) return;
    const symbol = resolved(found);
    const [declaration] = symbol.declarations ?? [];
    if (declaration === undefined || ts.isTypeParameterDeclaration(declaration) || exported.has(symbol)) return;
    const file = declaration.getSourceFile().fileName;
    if (!file.startsWith(dirname(ENTRY))) return;
    // A codec that has its type's name, and what stands in one file only to be part of another.
    const isNamed = ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export;
    if (isNamed) missing.add(`${symbol.name} (of ${by.name}, ${file.slice(dirname(ENTRY).length + 1)})`);
  };
  for (const symbol of exported) {
    const walk = (node: ts.Node): void => {
      if (isHidden(node)) return;
      if (ts.isTypeReferenceNode(node)) mention(node.typeName, symbol);
      if (ts.isExpressionWithTypeArguments(node)) mention(node.expression, symbol);
      // Of a value, only what is said of its type; of an arrow function, its signature.
      if (ts.isVariableDeclaration(node) && node.initializer !== undefined) {
        if (node.type !== undefined) walk(node.type);
        const { initializer } = node;
        if (ts.isArrowFunction(initializer)) {
          initializer.parameters.forEach(walk);
          if (initializer.type !== undefined) walk(initializer.type);
        }
        return;
      }
      if (ts.isPropertyDeclaration(node)) {
        if (node.type !== undefined) walk(node.type);
        return;
      }
      ts.forEachChild(node, walk);
    };
    for (const declaration of symbol.declarations ?? []) walk(declaration);
  }
  assert.equal([...missing].sort(), []);
});

test.run();
