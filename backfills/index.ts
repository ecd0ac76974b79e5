export {
  defineBackfill,
  type Backfill,
  type BackfillDefinition,
  type ConflictPolicy,
  type Row,
  type RowMap,
} from './define.ts'
export { csv, type CsvOptions } from './sources/csv.ts'
export { jsonFile } from './sources/json-file.ts'
export { ndjson } from './sources/ndjson.ts'
export { sqlite, type SqliteOptions } from './sources/sqlite.ts'
export { store, type StoreOptions } from './sources/store.ts'
export { table, type TableOptions } from './sources/table.ts'
export type { Cursor, Position, Source, SourceIdentity, SourcePlace, SourceRecord } from './sources/source.ts'
export { loadJobs, type LoadedJob, type LoadOptions } from './load.ts'
export { inOrder } from './order.ts'
export { planBackfill, type BackfillPlan, type TablePlan } from './plan.ts'
export type { BatchLimits } from './batch-size.ts'
export { runBackfill, type JobPlace, type RunOptions, type RunOutcome } from './run.ts'
export { verifyRun, type Accounting, type Verification, type VerifyOptions } from './verify.ts'
export { planRollback, rollbackRun, type RollbackOptions, type RollbackOutcome, type RollbackPlan } from './rollback.ts'
export { rejectsOf, statusOf } from './status.ts'
export { stopBackfill } from './stop.ts'
export { runStates, type Run, type RunLimits, type RunState, type StoredReject } from './run-state.ts'
export { rehearse, type Rehearsal, type RehearseOptions } from './rehearse.ts'
export type { Difference } from './compare.ts'
export type { LaterWrite } from './undo.ts'
export type { Reject } from './record.ts'
export { backfillsSettings } from './settings.ts'
