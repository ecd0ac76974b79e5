import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { z } from 'zod'
import { LandfallError, type Location } from '../migrations/error.ts'
import type { Finding } from './finding.ts'

/** The baseline of a config that names none, relative to it. */
export const BASELINE_FILE = 'landfall.baseline.json'

const entry = z.strictObject({
  system: z.string(),
  rule: z.string(),
  object: z.string().nullable(),
  message: z.string(),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/, 'a fingerprint has 16 hexadecimal digits'),
})
const document = z.strictObject({ schema: z.literal(1), findings: z.array(entry) })
type Entry = z.output<typeof entry>

/** The drift that a team has accepted: known, and no reason to fail. */
export interface Baseline {
  /** Relative to the config file. */
  readonly file: string
  readonly findings: readonly Entry[]
  /** The line of each entry in the file, for what is said of it. */
  readonly lines: ReadonlyMap<string, number>
}

/**
 * Reads the accepted drift; none when there is no such file.
 * Throws `LandfallError` (usage) when the file is no JSON, or not of this schema: a gate that forgot what it knows
 * would either fail for everything or for nothing.
 */
export async function readBaseline(root: string, file: string): Promise<Baseline | null> {
  const path = resolve(root, file)
  if (!existsSync(path)) return null
  const text = await readFile(path, 'utf8')
  const parsed = document.safeParse(jsonOf(file, text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const at = issue!.path.length === 0 ? '' : `${issue!.path.join('.')}: `
    throw broken(file, `${at}${issue!.message}`, issue!.path[0] === 'findings' ? lineOfEntry(text, issue!.path[1]) : 1)
  }
  const lines = text.split('\n')
  const { findings } = parsed.data
  const lineOf = (fingerprint: string): number => lines.findIndex((line) => line.includes(fingerprint)) + 1
  return { file, findings, lines: new Map(findings.map(({ fingerprint }) => [fingerprint, lineOf(fingerprint)])) }
}

/** Writes the drift that there is, sorted, an entry for each finding; what other systems accepted stays. */
export async function writeBaseline(
  root: string,
  file: string,
  drift: readonly Finding[],
  others: readonly Entry[],
): Promise<void> {
  const own = drift.map(({ system, rule, object, message, fingerprint }) => ({
    system,
    rule,
    object,
    message,
    fingerprint,
  }))
  const keyOf = ({ system, object, rule, fingerprint }: Entry): string =>
    [system, object ?? '', rule, fingerprint].join('\n')
  const findings = [...new Map([...others, ...own].map((one) => [one.fingerprint, one])).values()].toSorted((a, b) =>
    keyOf(a) < keyOf(b) ? -1 : 1,
  )
  await writeFile(resolve(root, file), `${JSON.stringify({ schema: 1, findings }, null, 2)}\n`)
}

/** A finding of drift against what is accepted: known is a note and not new; whatever else is new. */
export const against =
  (known: (finding: Finding) => boolean) =>
  (finding: Finding): Finding => {
    if (finding.check !== 'drift') return finding
    return known(finding) ? { ...finding, severity: 'info', isNew: false } : { ...finding, isNew: true }
  }

/** The accepted drift of these systems that is there no more, each with its place in the file. */
export function fixedSince(
  { file, findings, lines }: Baseline,
  systems: ReadonlySet<string>,
  current: readonly Finding[],
): { readonly entry: Entry; readonly location: Location }[] {
  const there = new Set(current.map(({ fingerprint }) => fingerprint))
  return findings
    .filter(({ system, fingerprint }) => systems.has(system) && !there.has(fingerprint))
    .map((entry) => ({ entry, location: { file, line: lines.get(entry.fingerprint) ?? null, column: null } }))
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const { message } = error as Error
    const at = /position (\d+)/.exec(message)?.[1]
    const before = at === undefined ? text : text.slice(0, Number(at))
    throw broken(file, `is no JSON: ${message}`, before.trimEnd().split('\n').length)
  }
}

const lineOfEntry = (text: string, index: PropertyKey | undefined): number => {
  const starts = [...text.matchAll(/^\s*\{/gm)].map(({ index: at }) => text.slice(0, at).split('\n').length)
  return (typeof index === 'number' ? starts[index + 1] : undefined) ?? 1
}

const broken = (file: string, message: string, line: number): LandfallError =>
  new LandfallError('usage', 'baseline/broken', `the baseline ${file}:${line} ${message}`, {
    next: 'restore it from git, or delete it and write it anew: landfall drift --update-baseline',
    location: { file, line, column: null },
  })
