export type { CheckContext } from './context.ts'
export type { Facts } from './facts.ts'
export type { Finding, ReportedFinding } from './finding.ts'
export {
  defineParity,
  type Open,
  type Opened,
  type ParityDatabase,
  type ParityDefinition,
  type ParityPlace,
  type Surroundings,
} from './parity/define.ts'
export { earlier } from './parity/earlier.ts'
export { byAppearance, without, type Normalise } from './parity/normalise.ts'
export { anyText } from './parity/text.ts'
export { check } from './run.ts'
export type { System } from './system.ts'
