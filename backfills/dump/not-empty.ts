import { LandfallError } from '../../migrations/error.ts'

/** An import never overwrites by itself. */
export const thereAreRows = (tables: readonly string[]): LandfallError =>
  new LandfallError('refused', 'data/not-empty', `there are rows in ${tables.join(', ')}`, {
    next: 'name an empty database; or give --replace, to lose them for those of the dump',
  })
