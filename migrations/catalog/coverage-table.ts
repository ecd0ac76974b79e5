import { kinds, sourceOf } from './query.ts'

/** The table of `docs/catalog.md`: every kind, and where it is read from. */
export const coverageTable = (): string =>
  [
    '| kind | read from |',
    '|---|---|',
    ...kinds.map(
      (kind) =>
        `| ${kind} | ${sourceOf(kind)
          .replace(/\.$/, '')
          .replaceAll('|', String.raw`\|`)} |`,
    ),
  ].join('\n')
