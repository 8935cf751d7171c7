/** What files of settings and manifests share: how they are read, and how what is wrong with them is said. */
export { editDistance, nearest } from './nearest.ts';
export { readingOf } from './plain-scalar.ts';
export {
  byPlace,
  type Finding,
  keyOf,
  type Path,
  type Place,
  type Problem,
  problemOf,
  renderProblem,
} from './problem.ts';
export { findMisreadings } from './pulumi-reading.ts';
export { type ReadYaml, readYaml, type YamlText, yamlText } from './yaml-text.ts';
export { findingsOf } from './zod-findings.ts';
