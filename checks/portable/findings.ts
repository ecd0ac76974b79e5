import type { Location } from '../../migrations/error.ts'
import { migrationLabel } from '../../migrations/migration.ts'
import type { ReportedFinding } from '../finding.ts'
import type { Portability } from './portability.ts'

/** What keeps the migrations from being the same on SQLite and PostgreSQL, each at the line that caused it. */
export function portableFindings(
  { uses, failures, notInverse, differences }: Portability,
  origins: ReadonlyMap<string, Location>,
): ReportedFinding[] {
  const known = ({ file, line }: Location): boolean =>
    uses.some(({ location, from, to }) => location.file === file && from <= (line ?? 0) && (line ?? 0) <= to)
  return [
    ...uses.map(({ rule, what, message, location }) => ({ rule, message, location, identity: [what, message] })),
    // What was said of the statement already is why it stops.
    ...failures
      .filter(({ failure }) => !known(failure.location))
      .map(({ direction, failure: { message, location } }) => ({
        rule: direction === 'up' ? 'portable/fails-on-sqlite' : 'portable/down-fails-on-sqlite',
        message: `SQLite: ${message}`,
        location,
        identity: [message],
      })),
    ...notInverse.map(({ migration, objects }) => ({
      rule: 'portable/down-not-inverse-on-sqlite',
      object: objects[0]!,
      message: `after ${migrationLabel(migration)} and back SQLite has not what it had before: ${objects.join(', ')}`,
      location: { file: migration.down!.file, line: migration.down!.firstLine, column: 1 },
      identity: [migration.version, ...objects],
    })),
    ...(differences ?? []).map(({ item, objects, sqlite, postgres }) => ({
      rule: 'portable/differs',
      object: item,
      message: `${item}: ${postgres ?? 'missing'} in PostgreSQL, ${sqlite ?? 'missing'} in SQLite`,
      location: objects.map((key) => origins.get(key)).find((place) => place !== undefined) ?? null,
      identity: [item],
    })),
  ]
}
