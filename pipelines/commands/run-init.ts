import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LandfallError } from '../../migrations/error.ts'
import type { CliContext } from '../context.ts'
import type { InitFlags } from './init.ts'
import { reported } from './reported.ts'

const DIRECTORIES = ['migrations', 'db/migrations', 'database/migrations', 'sql/migrations', 'src/migrations', 'sql']
const DOMAINS = ['src/domain.ts', 'domain.ts', 'src/types.ts', 'src/models.ts']

export const init = function (this: CliContext, flags: InitFlags): Promise<void> {
  return reported(this, flags, 'init', async () => {
    const { cwd } = this
    const file = flags.config ?? 'landfall.config.ts'
    if (existsSync(join(cwd, file))) {
      throw new LandfallError('usage', 'init/exists', `${file} is there already: it is left as it is`, {
        next: 'landfall gate',
      })
    }
    const migrations = flags.migrations ?? DIRECTORIES.find((directory) => holdsSql(join(cwd, directory)))
    if (migrations === undefined) {
      throw new LandfallError(
        'usage',
        'init/no-migrations',
        `no directory with .sql files was found (looked in ${DIRECTORIES.join(', ')})`,
        {
          next: 'name it: landfall init --migrations DIR',
        },
      )
    }
    const domain = flags.domain ?? DOMAINS.find((path) => existsSync(join(cwd, path)))
    const lines = [
      "import { defineConfig } from 'landfall'",
      '',
      'export default defineConfig({',
      `  migrations: ${quoted(migrations)},`,
      ...(domain === undefined ? [] : [`  domain: ${quoted(domain)},`]),
      '})',
      '',
    ]
    await writeFile(join(cwd, file), lines.join('\n'), { flag: 'wx' })
    return { exitCode: 0, text: `${file} is written; next: landfall gate\n` }
  })
}

function holdsSql(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).some((file) => file.endsWith('.sql'))
}

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
