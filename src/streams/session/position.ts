/** Where in a run: for those who may not import the reducers. */
export type { Position } from "../../reducers/position.js";
