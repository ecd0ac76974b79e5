import type { Render } from './render.ts'

/** The report itself. A bigint that got into it becomes a number, or a string beyond 2^53: never an exception. */
export const json: Render = (report) => `${JSON.stringify(report, plainNumbers, 2)}\n`

const plainNumbers = (_key: string, value: unknown): unknown =>
  typeof value !== 'bigint' ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
