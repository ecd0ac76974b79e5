import { readFileSync } from 'node:fs'

/** landfall's own version, from its package. */
export const toolVersion: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version
