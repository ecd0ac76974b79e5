// npm run docs: writes the generated pages of the handbook. A test keeps them as they would be written now.
import { writeFileSync } from 'node:fs'
import { run, type RouteMap } from '@stricli/core'
import { rules } from '../checks/rules.ts'
import { app, root } from '../pipelines/app.ts'
import type { CliContext } from '../pipelines/context.ts'

/** Page → its text. */
export async function generatedPages(): Promise<Readonly<Record<string, string>>> {
  return { 'rules.md': rulesPage(), 'usage.md': await usagePage() }
}

function rulesPage(): string {
  const families = Map.groupBy(Object.entries(rules), ([id]) => id.split('/')[0]!)
  const sections = [...families].map(([family, own]) => {
    const rows = own.map(([id, { severity, why, fix }]) => `| \`${id}\` | ${severity} | ${cell(why)} | ${cell(fix)} |`)
    return [
      `## ${family}`,
      '',
      '| rule | severity | why it matters | how it is mended |',
      '|---|---|---|---|',
      ...rows,
      '',
    ].join('\n')
  })
  const intro =
    "Every rule of landfall, from `checks/rules.ts`. The config changes a severity, or switches a rule off: `rules: { 'drift/date-as-date': 'off' }`."
  return `# Rules\n\n${intro}\n\n${sections.join('\n')}`
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

async function usagePage(): Promise<string> {
  const pages: string[] = []
  for (const path of [[], ...routesBelow(root, [])]) {
    pages.push(`## ${['landfall', ...path].join(' ')}\n\n\`\`\`text\n${(await helpOf(path)).trimEnd()}\n\`\`\`\n`)
  }
  return `# Usage\n\nWhat \`--help\` says, command by command.\n\n${pages.join('\n')}`
}

function routesBelow(map: RouteMap<CliContext>, path: readonly string[]): string[][] {
  return map.getAllEntries().flatMap(({ name, target }) => {
    const below = [...path, name.original]
    return 'getAllEntries' in target ? routesBelow(target, below) : [below]
  })
}

async function helpOf(path: readonly string[]): Promise<string> {
  let text = ''
  const stream = { write: (part: string) => void (text += part), getColorDepth: () => 1 }
  const context = { process: { stdout: stream, stderr: stream, env: {} } } as unknown as CliContext
  await run(app, [...path, '--help'], context)
  return text
}

if (import.meta.main) {
  for (const [page, text] of Object.entries(await generatedPages())) writeFileSync(new URL(page, import.meta.url), text)
}
