import { LandfallError } from '../error.ts'

const SWITCH = /^--\s*\+goose\s+ENVSUB\s+(?<to>ON|OFF)\s*$/i
// `$$` and `$body$` are dollar quotes and `$1` is a parameter: none of them names a variable.
const REFERENCE =
  /(?<!\$\w*)\$(?:(?<plain>[A-Za-z_]\w*)(?![\w$])|\{(?<name>[A-Za-z_]\w*)(?:(?<operator>:-|-|:\?|\?)(?<word>[^{}]*))?\})/g

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME-default}` between goose's `ENVSUB ON` and `OFF`, outside
 * comments. A variable that has neither a value nor a default is an error: goose would run the script with a hole in it.
 */
export function substitute(text: string, file: string, variables: Readonly<Record<string, string>>): string {
  let on = false
  return text
    .split('\n')
    .map((line, index) => {
      const to = SWITCH.exec(line)?.groups?.['to']
      if (to) on = to.toUpperCase() === 'ON'
      if (to || !on || /^\s*--/.test(line)) return line
      return line.replaceAll(REFERENCE, (written, ...rest) => {
        const [column, groups] = [rest.at(-3) as number, rest.at(-1) as Record<string, string | undefined>]
        const name = (groups['plain'] ?? groups['name'])!
        const value = variables[name]
        const usable = value !== undefined && (value !== '' || !groups['operator']?.startsWith(':'))
        if (usable) return value
        if (groups['operator']?.endsWith('-')) return groups['word']!
        throw noValue(name, { file, line: index + 1, column: column + 1 }, written)
      })
    })
    .join('\n')
}

const noValue = (
  name: string,
  location: { file: string; line: number; column: number },
  written: string,
): LandfallError =>
  new LandfallError(
    'usage',
    'migrations/no-variable',
    `${location.file}:${location.line}: the variable ${name} has no value, and ${written} no default`,
    {
      next: `give it one in the config: migrations: { dir, variables: { ${name}: '…' } }`,
      location,
      fields: { variable: name },
    },
  )
