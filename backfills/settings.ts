import { z } from 'zod'

/** The `backfills` key of a system: globs of the files that hold its jobs, relative to the config file. */
export const backfillsSettings = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((value) => (typeof value === 'string' ? [value] : value))
