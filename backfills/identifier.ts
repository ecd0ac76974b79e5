/** A name as SQL writes it, whatever it holds. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** `"schema"."table"`. */
export const qualified = (schema: string, table: string): string => `${identifier(schema)}.${identifier(table)}`
