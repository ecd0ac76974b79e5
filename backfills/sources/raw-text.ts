/**
 * The text of a record as the bytes that were read: most are never asked for again, and as texts they would be the
 * greater part of what a run has in memory.
 */
export class RawText {
  readonly #bytes: Buffer
  readonly #from: number
  readonly #to: number

  constructor(bytes: Buffer, from = 0, to = bytes.length) {
    this.#bytes = bytes
    this.#from = from
    this.#to = to
  }

  toString(): string {
    return this.#bytes.toString('utf8', this.#from, this.#to)
  }
}
