/** Pictures of what a recording holds. */
export { branchesSvg, type BranchesOptions, type BranchLine } from "./branches-svg.js";
export { Marks } from "./marks.js";
export {
  drawnTimeline,
  timelineSvg,
  type TimelineLane,
  type TimelineOptions,
  type TimelineRow,
} from "./timeline-svg.js";
