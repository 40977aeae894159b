/** Colours of lanes and marks. They are seen against light and dark, and told apart by people who see few of them. */
const MARKS = ["#c2410c", "#7c3aed", "#0e7490", "#be185d", "#4d7c0f", "#1d4ed8"] as const;
const MARKS_IN_DARK = ["#fb923c", "#b794f6", "#4fc3d9", "#f472b6", "#a3cf4a", "#7da8ff"] as const;

/** Of a question's marks: CSS that suits both schemes. */
export const colourOf = (id: number): string => `light-dark(${markOf(id, false)}, ${markOf(id, true)})`;

export const markOf = (id: number, isDark: boolean): string => {
  const colours = isDark ? MARKS_IN_DARK : MARKS;
  return colours[id % colours.length]!;
};

const HUES = { input: 205, predicted: 262, console: 150, interrupt: 32, trap: 5 } as const;

export type LaneKind = keyof typeof HUES;

export const colourOfLane = (kind: LaneKind, { isDark }: Pick<Palette, "isDark">): string =>
  `hsl(${String(HUES[kind])} ${isDark ? "62% 66%" : "58% 44%"})`;

/** Of a name, always the same. */
export function nameColour(name: string, isDark: boolean): string {
  let sum = 7;
  for (let index = 0; index < name.length; index += 1) sum = (sum * 31 + name.charCodeAt(index)) % 360;
  return `hsl(${String(sum)} ${isDark ? "38% 34%" : "52% 82%"})`;
}

/** What the canvas is drawn with: it knows no CSS variables. The same as in `page.css`. */
export interface Palette {
  readonly isDark: boolean;
  readonly back: string;
  readonly raised: string;
  readonly line: string;
  readonly text: string;
  readonly quiet: string;
  readonly accent: string;
  readonly veil: string;
  readonly bad: string;
}

const LIGHT: Palette = {
  ...{ isDark: false, back: "#ffffff", raised: "#f5f6f8", line: "#e4e7ec", text: "#1d232c", quiet: "#555e6b" },
  ...{ accent: "#0b5cc4", veil: "rgb(236 238 242 / 75%)", bad: "#b3141f" },
};
const DARK: Palette = {
  ...{ isDark: true, back: "#1b1e24", raised: "#23272f", line: "#2e333d", text: "#e2e6ec", quiet: "#a2acba" },
  ...{ accent: "#7db4ff", veil: "rgb(21 24 29 / 70%)", bad: "#ff9a9a" },
};

export const paletteOf = (scheme: "system" | "light" | "dark"): Palette => {
  const isDark = scheme === "system" ? matchMedia("(prefers-color-scheme: dark)").matches : scheme === "dark";
  return isDark ? DARK : LIGHT;
};
