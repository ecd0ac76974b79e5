import { loadModule, scanSync } from 'libpg-query'
import type { Location } from '../migrations/error.ts'
import type { Migration, Script } from '../migrations/migration.ts'
import { statementsOf } from '../migrations/script.ts'
import type { ReportedFinding } from './finding.ts'
import { ruleOf } from './rules.ts'

/** A comment above a statement that wants findings of some rules left out. */
export interface Ignore {
  readonly tool: 'landfall' | 'squawk'
  /** Of landfall's; `lint/*` stands for all of the family. */
  readonly rules: readonly string[]
  readonly location: Location & { readonly line: number }
  /** The lines of the file that it holds for: those of its statement; above the first one, what is before it too. */
  readonly from: number
  readonly to: number
  /** What is wrong with the comment itself: it is not in force then. */
  readonly problem: {
    readonly rule: 'lint/ignore-without-reason' | 'lint/unused-ignore'
    readonly message: string
  } | null
}

/** What the scripts of some migrations want ignored: `-- landfall-ignore <rule>: <reason>`, and squawk's own comment. */
export async function ignoresOf(migrations: readonly Migration[]): Promise<Ignore[]> {
  const scripts = migrations.flatMap(({ up, down }) => [up, ...(down ? [down] : [])])
  const found = await Promise.all(scripts.filter(({ sql }) => COMMENT.test(sql)).map(ignoresIn))
  return found.flat()
}

/** Whether one end of a finding lies where the ignore holds. */
export const covers = ({ rules, location: { file }, from, to, problem }: Ignore, finding: ReportedFinding): boolean =>
  problem === null &&
  rules.some((rule) => rule === finding.rule || (rule === 'lint/*' && finding.rule.startsWith('lint/'))) &&
  [finding.location, finding.other].some(
    (place) => place?.file === file && (place.line ?? 1) >= from && (place.line ?? 1) <= to,
  )

const COMMENT = /(?<tool>landfall|squawk)-ignore(?<whole>-file)?(?<said>[\s:].*)?$/m

async function ignoresIn(script: Script): Promise<Ignore[]> {
  await loadModule()
  const statements = await statementsOf(script).catch(() => [])
  return commentsOf(script).flatMap(({ line, text }) => {
    const said = new RegExp(`^(?:--|/\\*)\\s*${COMMENT.source}`).exec(text.replace(/\s*\*\/$/, '').trimEnd())?.groups
    if (!said) return []
    const below = statements.findIndex((statement) => statement.line > line)
    const whole = said['whole'] !== undefined || below === -1
    const statement = statements[below]
    const span = whole
      ? { from: 1, to: Infinity }
      : { from: below === 0 ? 1 : line, to: statement!.line + statement!.sql.split('\n').length - 1 }
    const location = { file: script.file, line, column: 1 }
    return [{ ...span, location, ...readers[said['tool'] as Ignore['tool']](said['said'] ?? '') }]
  })
}

function commentsOf({ sql, firstLine }: Script): { line: number; text: string }[] {
  const bytes = Buffer.from(sql)
  try {
    return scanSync(sql)
      .tokens.filter(({ tokenName }) => tokenName.endsWith('_COMMENT'))
      .map(({ start, end }) => ({
        line: firstLine + bytes.subarray(0, start).toString().split('\n').length - 1,
        text: bytes.subarray(start, end).toString(),
      }))
  } catch {
    return [] // what cannot be scanned is a syntax error, which is not to be ignored
  }
}

type Said = Pick<Ignore, 'tool' | 'rules' | 'problem'>

const readers: Readonly<Record<Ignore['tool'], (said: string) => Said>> = {
  landfall: (said) => {
    const [names, ...reason] = said.split(':')
    const rules = listed(names!)
    const unknown = rules.find((rule) => !isKnown(rule))
    const problem =
      rules.length === 0 || reason.join(':').trim() === ''
        ? ({ rule: 'lint/ignore-without-reason', message: `an ignore needs a rule and a reason:${said}` } as const)
        : unknown !== undefined
          ? ({ rule: 'lint/unused-ignore', message: `${unknown} is no rule: nothing is ignored` } as const)
          : null
    return { tool: 'landfall', rules, problem }
  },
  squawk: (said) => {
    const rules = listed(said.replace(/^:/, '')).map((name) => SAME_AS_SQUAWK[name] ?? `lint/${name}`)
    return { tool: 'squawk', rules: rules.length === 0 ? ['lint/*'] : rules, problem: null }
  },
}

const listed = (names: string): string[] => names.split(/[\s,]+/).filter((name) => name !== '')

/** Rules that have another name than squawk gives them. */
const SAME_AS_SQUAWK: Readonly<Record<string, string>> = {
  'ban-concurrent-index-creation-in-transaction': 'lint/concurrently-in-transaction',
}

// A slug of a family that is none of landfall's is a team's own.
const FAMILIES = /^(files|lint|lock|replay|reversible|drift|compat|backfill|design|rls|portable|parity)\//
const isKnown = (rule: string): boolean => ruleOf(rule) !== undefined || (!FAMILIES.test(rule) && rule.includes('/'))
