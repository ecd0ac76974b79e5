const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown } // as old as Node 22, not yet in TypeScript's library

/** JSON in which a bigint is a number with all its digits; undefined for what JSON has no word for. */
export const jsonText = (value: unknown, replace: (value: unknown) => unknown = (same) => same): string | undefined =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? rawJSON(String(part)) : replace(part)))

/** A record of a store as text, for its identity and for rejects: maps, sets, bigints and bytes keep their content. */
export const recordText = (value: unknown): string => {
  try {
    return jsonText(value, plain) ?? String(value)
  } catch {
    return String(value) // a cycle
  }
}

const plain = (value: unknown): unknown =>
  value instanceof Map || value instanceof Set
    ? [...value]
    : value instanceof Uint8Array
      ? Buffer.from(value).toString('hex')
      : value
