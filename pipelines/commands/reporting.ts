import { readFileSync } from 'node:fs'
import type { CliContext } from '../context.ts'
import { readGithubEvent, type GithubEvent } from '../report/github-event.ts'
import type { RenderContext } from '../report/render.ts'
import type { Report } from '../report/report.ts'
import { renderContext } from '../report/sources.ts'
import { parseReportTargets, type ReportTarget } from '../report/target.ts'
import { checkReportTargets, writeReports } from '../report/write.ts'

/** Where the reports of a command go; made before the work begins, so that a wrong `--report` costs nothing. */
export interface Reporting {
  readonly targets: readonly ReportTarget[]
  readonly event: GithubEvent
  /** Renders for a report whose paths are relative to `root`. */
  readonly context: (root: string) => RenderContext
  readonly write: (report: Report, root: string, targets?: readonly ReportTarget[]) => Promise<void>
}

/** `confined`: the report comes from elsewhere, and may not name what lies outside its root. */
export function openReporting(
  { env, cwd, terminal, out }: CliContext,
  values: readonly string[] = [],
  { confined } = { confined: false },
): Reporting {
  const targets = parseReportTargets(values)
  checkReportTargets(targets, cwd)
  const event = readGithubEvent(env, env['GITHUB_EVENT_PATH'] ? readOrNull(env['GITHUB_EVENT_PATH']) : null)
  const context: Reporting['context'] = (root) =>
    renderContext({ root, event, color: terminal.color, width: terminal.columns, confined })
  return {
    targets,
    event,
    context,
    write: async (report, root, wanted = targets) =>
      out(await writeReports(report, wanted, context(root), { cwd, summaryFile: event.summaryFile })),
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
