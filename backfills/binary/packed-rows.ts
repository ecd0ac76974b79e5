import { hash } from 'node:crypto'
import type { Target, TargetColumn } from '../target.ts'
import { encodeValue } from '../encode.ts'
import { RowBuffer } from './row-buffer.ts'

/** The rows of a batch for one table, in the binary format of COPY. */
export interface PackedRows {
  readonly bytes: Buffer
  /** sha256 of the bytes. */
  readonly digest: Buffer
  readonly rows: number
  readonly columns: readonly TargetColumn[]
  /** For each column of the key the texts of all rows. */
  readonly keys: readonly (readonly string[])[]
}

/**
 * Packs the rows of one table while they are read. One value that only the server can judge, or one row of another
 * shape, and the batch goes as text instead.
 */
export class RowPacker {
  readonly #buffer = new RowBuffer()
  readonly #columns: readonly TargetColumn[]
  #width = 0
  #rows = 0
  #whole = true
  #keys: string[][]
  #mark = { length: 0, rows: 0 }

  /** `columns` may grow at its end; the first `keyLength` are the key. */
  constructor(columns: readonly TargetColumn[], keyLength: number) {
    this.#columns = columns
    this.#keys = Array.from({ length: keyLength }, () => [])
  }

  /** Bytes so far. */
  get length(): number {
    return this.#buffer.length
  }

  /** What follows belongs to one record. */
  mark(): void {
    this.#mark.length = this.#buffer.length
    this.#mark.rows = this.#rows
  }

  /** Takes back what followed the mark. */
  back(): void {
    this.#buffer.length = this.#mark.length
    this.#rows = this.#mark.rows
    for (const texts of this.#keys) texts.length = Math.min(texts.length, this.#rows)
  }

  /** Values by the place of their column; answers whether the row was packed. */
  add(values: readonly unknown[]): boolean {
    if (!this.#whole) return false
    const columns = this.#columns
    if (this.#rows === 0) this.#width = columns.length
    this.#whole = this.#width === columns.length && this.#write(values)
    if (!this.#whole) return false
    this.#rows += 1
    for (let place = 0; place < this.#keys.length; place += 1)
      this.#keys[place]!.push(encodeValue(values[place], columns[place]!)!)
    return true
  }

  #write(values: readonly unknown[]): boolean {
    const out = this.#buffer
    const columns = this.#columns
    out.int16(columns.length)
    for (let place = 0; place < columns.length; place += 1) {
      const { codec, hasDefault } = columns[place]!
      const value = values[place]
      if (value === null || (value === undefined && !hasDefault)) out.int32(-1)
      else if (value === undefined || codec === null || !codec(out, value)) return false
    }
    return true
  }

  /** The rows since the last call; null when they have to go as text. */
  take(): PackedRows | null {
    const bytes = this.#whole && this.#rows > 0 ? this.#buffer.take() : null
    const packed =
      bytes !== null
        ? {
            bytes,
            digest: hash('sha256', bytes, 'buffer'),
            rows: this.#rows,
            columns: this.#columns.slice(0, this.#width),
            keys: this.#keys,
          }
        : null
    this.#keys = this.#keys.map(() => [])
    this.#buffer.length = 0
    this.#rows = 0
    this.#whole = true
    return packed
  }
}

/**
 * The same bytes, of the rows of a relation in the server. `array_send` of the columns' bytes writes each as COPY
 * does, behind twenty bytes about the array.
 */
export const packedRow = (target: Target, names: readonly string[], valueOf: (name: string) => string): string => {
  const sent = names.map((name) => {
    const { send, sent: type, type: own } = target.columns.get(name)!
    return `${send}(${type === own ? valueOf(name) : `${valueOf(name)}::${type}`})`
  })
  return `int2send(${names.length}::int2) || substr(array_send(array[${sent.join(', ')}]), 21)`
}
